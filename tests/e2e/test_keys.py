"""Keys end to end: a right is taken away, a key expires or is replaced; the event alone brings Holdfast to the server.

How long it takes from the moment the right is gone until it is proven back is measured, and printed with `-s`.
"""

import json
import time
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from string import Template
from typing import Any

import pytest
import pytest_asyncio

from shared.journal import Stage
from tests.e2e.exchanges import Exchanges
from tests.e2e.fleet import ENCRYPTION_USER, SANDBOX, SANDBOX_SUBSCRIPTION, Fleet, Sort, principal_of
from tests.e2e.server import ADA, AUDITOR, DANA, Server
from tests.e2e.stacks import holdfast_up
from tests.e2e.waiting import until
from tests.e2e.world import World, policy

_COUNT = 12
_GROUP = f"/subscriptions/{SANDBOX_SUBSCRIPTION}/resourceGroups/{SANDBOX}"
_ROLES, _VAULTS = "2022-04-01", "2023-07-01"
_TENANT = "6b1f3c0e-52d4-4f6a-9b3e-6f0d9a7c2e51"
_DEFINITION = (
    f"/subscriptions/{SANDBOX_SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/{ENCRYPTION_USER}"
)
_SOMEBODY = {
    "tenantId": _TENANT,
    "objectId": "77777777-7777-4777-8777-777777777777",
    "permissions": {"keys": ["get"], "secrets": ["list"]},
}


def vault_of(server: Server) -> str:
    return f"{_GROUP}/providers/Microsoft.KeyVault/vaults/kv-{server.name}"


@dataclass(frozen=True, slots=True)
class Vault:
    """The vault of one server's key, as Ada and Dana work with it."""

    world: World
    server: Server

    @property
    def id(self) -> str:
        return vault_of(self.server)

    async def roles(self, scope: str = "") -> list[str]:
        """The ids of the assignments that let the server use its key, where they were made."""
        path = f"{scope or self.id}/providers/Microsoft.Authorization/roleAssignments"
        found = await self.world.azure.call(AUDITOR, "GET", path, api_version=_ROLES)
        mine = [one for one in found["value"] if one["properties"]["principalId"] == principal_of(self.server.name)]
        return [one["id"] for one in mine]

    async def give_role(self, scope: str) -> str:
        path = f"{scope}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid4()}"
        properties = {"roleDefinitionId": _DEFINITION, "principalId": principal_of(self.server.name)}
        await self.world.azure.call(ADA, "PUT", path, {"properties": properties}, _ROLES)
        return path

    async def take_role(self, assignment: str) -> None:
        await self.world.azure.call(ADA, "DELETE", assignment, None, _ROLES)

    async def shown(self) -> dict[str, Any]:
        found = await self.world.azure.call(AUDITOR, "GET", self.id, api_version=_VAULTS)
        properties: dict[str, Any] = found["properties"]
        return properties

    async def patch(self, **properties: Any) -> None:
        await self.world.azure.call(DANA, "PATCH", self.id, {"properties": properties}, _VAULTS)

    async def policies(self, word: str, *entries: dict[str, Any]) -> None:
        body = {"properties": {"accessPolicies": list(entries)}}
        await self.world.azure.call(DANA, "PUT", f"{self.id}/accessPolicies/{word}", body, _VAULTS)

    @property
    def entry(self) -> dict[str, Any]:
        """The access policy that lets the server use its key."""
        permissions = {"keys": ["get", "list", "unwrapKey", "wrapKey"]}
        return {"tenantId": _TENANT, "objectId": principal_of(self.server.name), "permissions": permissions}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def keys(exchanges: Exchanges, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A running Holdfast that cares for keys."""
    folder = tmp_path_factory.mktemp("keys")
    fleet = Fleet(folder / "fleet.json", {Sort.ENCRYPTED: _COUNT})
    _in_order(fleet)
    approved = [f"https://kv-{Sort.ENCRYPTED}-{number:02}.vault.azure.net/keys/postgres" for number in range(_COUNT)]
    rules = folder / "policy.yaml"
    text = Template(policy("keys.yaml").read_text(encoding="utf-8"))
    rules.write_text(text.substitute(keys="\n".join(f"        - {one}" for one in approved)), encoding="utf-8")
    async with holdfast_up(folder, exchanges, rules, fleet) as world:
        yield world


def _in_order(fleet: Fleet) -> None:
    """Keys with an end, and no locks: under a lock nobody can take a role away."""
    bank = json.loads(fleet.path.read_text(encoding="utf-8"))
    in_a_year = int((datetime.now(UTC) + timedelta(days=365)).timestamp())
    for group in (one for each in bank["subscriptions"] for one in each["resource_groups"]):
        group["resources"] = [one for one in group.get("resources", ()) if not one["at"].endswith("/locks/keep")]
        for one in group["resources"]:
            if one["at"].endswith("/keys/postgres"):
                one["properties"]["attributes"] = {"exp": in_a_year}
    fleet.path.write_text(json.dumps(bank), encoding="utf-8")


async def a_vault(world: World, *, by_roles: bool = True) -> Vault:
    """A server with its vault, as Holdfast knows them."""
    vault = Vault(world, await world.a_server(Sort.ENCRYPTED))
    if not by_roles:
        await vault.policies("add", _SOMEBODY, vault.entry)
        await vault.patch(enableRbacAuthorization=False)
        await vault.server.nothing_is_left_to_do()
    return vault


async def calls(world: World) -> list[str]:
    """What Holdfast asked of Azure since the test began."""
    found = await world.azure.control("GET", "/calls")
    return [call["operation"].rpartition("/providers/")[2] for call in found["last"] if call["principal"] == "holdfast"]


async def restored(vault: Vault, how: str) -> None:
    """Wait until the right is proven back; the time and the calls that it took are printed."""
    began = time.perf_counter()
    await vault.server.reaches(Stage.PROVEN)
    seconds = time.perf_counter() - began
    asked = await calls(vault.world)
    print(f"\n{how}: gone to proven in {seconds:.2f} s, {len(asked)} calls: {', '.join(asked)}")
    assert seconds < 10


# The right to the key


async def test_a_role_that_is_taken_away_at_the_vault_comes_back_as_it_was(keys: World) -> None:
    vault = await a_vault(keys)
    (before,) = await vault.roles()
    await keys.azure.control("DELETE", "/calls")
    await vault.take_role(before)
    await restored(vault, "role at the vault")
    assert await vault.roles() == [before]
    record = await vault.server.record(Stage.PROVEN)
    assert record.controls == {"cmk-identity-access"}
    assert "ada.admin@contoso.example" in vault.server.message.text
    assert f"of key vault kv-{vault.server.name}" in vault.server.message.text
    assert record.report.severity == "critical"


async def test_a_role_that_is_taken_away_at_the_resource_group_comes_back_at_the_vault(keys: World) -> None:
    vault = await a_vault(keys)
    (own,) = await vault.roles()
    above = await vault.give_role(_GROUP)
    await vault.take_role(own)
    await vault.server.nothing_is_left_to_do()
    assert await vault.server.records() == []
    await keys.azure.control("DELETE", "/calls")
    await vault.take_role(above)
    await restored(vault, "role at the resource group")
    (made,) = await vault.roles()
    assert made.startswith(vault.id)
    await vault.server.record(Stage.PROVEN)
    assert "ada.admin@contoso.example" in vault.server.message.text


async def test_an_access_policy_that_is_taken_away_comes_back_and_nobody_elses_is_touched(keys: World) -> None:
    vault = await a_vault(keys, by_roles=False)
    await keys.azure.control("DELETE", "/calls")
    await vault.policies("remove", vault.entry)
    await restored(vault, "access policy")
    assert sorted(map(json.dumps, (await vault.shown())["accessPolicies"])) == sorted(
        map(json.dumps, [_SOMEBODY, vault.entry])
    )
    await vault.server.record(Stage.PROVEN)


async def test_permissions_that_are_taken_out_of_the_entry_come_back(keys: World) -> None:
    vault = await a_vault(keys, by_roles=False)
    await vault.patch(accessPolicies=[_SOMEBODY, {**vault.entry, "permissions": {"keys": ["get"], "secrets": ["get"]}}])
    await vault.server.reaches(Stage.PROVEN)
    mine = [one for one in (await vault.shown())["accessPolicies"] if one["objectId"] == vault.entry["objectId"]]
    assert [one["permissions"] for one in mine] == [{**vault.entry["permissions"], "secrets": ["get"]}]


async def test_who_lets_the_vault_go_by_access_policies_takes_the_right_and_it_is_given_there(keys: World) -> None:
    vault = await a_vault(keys)
    await vault.patch(enableRbacAuthorization=False)
    await vault.server.reaches(Stage.PROVEN)
    (mine,) = (await vault.shown())["accessPolicies"]
    assert mine == vault.entry


async def test_a_server_that_was_lost_is_told_of_once_it_is_seen(keys: World) -> None:
    vault = await a_vault(keys)
    (before,) = await vault.roles()
    await keys.azure.control("POST", "/faults", {"events": [{"subject": f"kv-{vault.server.name}", "drop": True}]})
    await vault.take_role(before)
    await vault.server.shows()
    await keys.azure.control("POST", "/clock", {"advance_seconds": 3700})
    assert (await vault.server.shows())["state"] == "Inaccessible"
    await keys.azure.control("DELETE", "/faults")
    await keys.sweep()
    await vault.server.reaches(Stage.PROVEN)
    assert (await vault.server.shows())["state"] == "Ready"
    assert any("refuses every connection" in message.text for message in vault.server.messages)


# The vault and the key


async def test_trusted_services_that_are_shut_out_are_let_in_by_the_event_and_only_the_vault_is_read(
    keys: World,
) -> None:
    vault = await a_vault(keys)
    acls = (await vault.shown())["networkAcls"]
    await keys.azure.control("DELETE", "/calls")
    await vault.patch(networkAcls={**acls, "bypass": "None"})
    await vault.server.reaches(Stage.PROVEN)
    assert (await vault.shown())["networkAcls"] == acls
    kinds = {one.rpartition("/")[0] for one in await calls(keys)}
    assert kinds <= {
        "Microsoft.DBforPostgreSQL/flexibleServers",
        "Microsoft.KeyVault/vaults",
        "Microsoft.Authorization/roleAssignments",
        "Microsoft.ResourceGraph/resources",
    }


async def test_a_lock_that_is_taken_off_the_vault_comes_back_by_its_event(keys: World) -> None:
    vault = await a_vault(keys)
    lock = f"{vault.id}/providers/Microsoft.Authorization/locks/keep"
    await keys.azure.call(ADA, "PUT", lock, {"properties": {"level": "CanNotDelete"}}, "2020-05-01")
    await vault.server.nothing_is_left_to_do()
    await keys.azure.call(ADA, "DELETE", lock, None, "2020-05-01")
    record = await vault.server.record(Stage.PROVEN)
    assert record.controls == {"keyvault-delete-lock"}
    assert "changed by ada.admin@contoso.example" in vault.server.message.title


async def test_a_key_that_will_expire_is_told_of_by_the_vaults_event(keys: World) -> None:
    vault = await a_vault(keys)
    await keys.azure.call(
        ADA,
        "PUT",
        f"{vault.id}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid4()}",
        {
            "properties": {
                "roleDefinitionId": _DEFINITION.replace(ENCRYPTION_USER, "14b46e9e-c2b7-41b4-b07b-48a6ebf60603"),
                "principalId": keys.line["principals"]["ada"]["object_id"],
            }
        },
        _ROLES,
    )
    await vault.server.nothing_is_left_to_do()
    at = int((datetime.now(UTC) + timedelta(days=20)).timestamp())
    path = f"/vaults/kv-{vault.server.name}/keys/postgres/"
    await keys.azure.vault_call(ADA, "PATCH", path, {"attributes": {"exp": at}})

    async def told() -> list[str]:
        return [message.text for message in vault.server.messages if "az keyvault key rotate" in message.text]

    (text, *_) = await until(told, "nobody was told that the key expires")
    assert f"--vault-name kv-{vault.server.name} --name postgres" in text


async def test_a_key_that_was_replaced_is_put_back_where_the_policy_says_so(keys: World) -> None:
    vault = await a_vault(keys)
    encryption = (await vault.server.shows())["dataEncryption"]
    other = encryption["primaryKeyURI"].replace(vault.server.name, "elsewhere")
    writable = ("type", "primaryUserAssignedIdentityId")
    changed = {**{name: encryption[name] for name in writable}, "primaryKeyURI": other}
    await vault.server.change(DANA, "PATCH", properties={"dataEncryption": changed})
    record = await vault.server.record(Stage.PROVEN)
    assert "cmk-key-uri-unchanged" in record.controls
    assert (await vault.server.shows())["dataEncryption"]["primaryKeyURI"] == encryption["primaryKeyURI"]


# What nobody should believe


async def test_a_forged_event_about_a_vault_costs_a_few_reads_and_changes_nothing(keys: World) -> None:
    vault = await a_vault(keys)
    await vault.server.nothing_is_left_to_do()
    await keys.azure.control("DELETE", "/calls")
    await keys.publish(
        {"eventType": "Microsoft.KeyVault.VaultAccessPolicyChanged", "topic": vault.id, "subject": "x", "data": {}}
    )

    async def looked() -> list[str]:
        return await calls(keys)

    await until(looked, "nobody looked")
    await vault.server.nothing_is_left_to_do()
    assert all(one.endswith(("/read", "/action")) for one in await calls(keys))
    assert await vault.server.records() == []


async def test_an_event_about_a_vault_that_nobody_uses_costs_nothing(keys: World) -> None:
    await keys.azure.control("DELETE", "/calls")
    vault = f"{_GROUP}/providers/Microsoft.KeyVault/vaults/kv-of-nobody"
    await keys.publish({"eventType": "Microsoft.KeyVault.VaultAccessPolicyChanged", "topic": vault, "data": {}})
    await keys.azure.control("GET", "/events?settle_seconds=5")
    assert await calls(keys) == []


async def test_an_event_that_no_vault_can_have_sent_is_a_dead_letter(keys: World) -> None:
    topic = f"{_GROUP}/../x/providers/Microsoft.KeyVault/vaults/kv"
    await keys.publish({"eventType": "Microsoft.KeyVault.KeyExpired", "topic": topic, "data": {"ObjectName": "k"}})

    async def buried() -> list[str]:
        return [
            letter.reason for letter in await keys.store.dead_letters() if "not an ARM resource id" in letter.reason
        ]

    assert await until(buried, "no dead letter")
