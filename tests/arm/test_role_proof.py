"""The role that `holdfast role` gives is enough, and nothing in it is idle: the whole cycle of each control shows it.

A control looks, somebody drifts what it guards, and Holdfast finds, plans, writes, follows, proves and undoes with this
role alone, in front of an emulator that decides by RBAC. Which action a request takes is the emulator's own knowledge.
"""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from azure.identity.aio import ManagedIdentityCredential

from emulator.access import Grant
from emulator.app import Emulator
from emulator.fleet import DEFAULT_FLEET, Fleet, Role
from emulator.resources.citus.configurations import TABLE, set_value
from emulator.resources.citus.kind import COORDINATOR, WORKER
from shared.arm.azure import AzureArm
from shared.arm.client import ArmClient
from shared.arm.rights import rights_for
from shared.control import Change, LastGood, Source
from shared.errors import Forbidden
from shared.journal import now
from shared.plan import Judge, make_plan
from shared.policy import ControlPolicy, Mode, Policy
from shared.policy_file import default_policy
from shared.state import Setting, SettingKind, Value, administrator_value, rule_value
from shared.target import PROVIDER, Target
from tests.arm.conftest import PARTNERS, PAYMENTS, REPORTING, RISK
from tests.builders import CATALOGUE, STRANGER, TENANT, an_admin

CORRELATION = "00000000-0000-4000-8000-000000000009"
DBAS = "3f0c8f5a-7b1e-4a52-9d15-52f1f7a2c901"
# Approved are the administrators and the ranges that the emulated bank has.
OWN: dict[str, dict[str, object]] = {
    "entra-auth-enabled": {"tenant_id": TENANT, "administrator_id": DBAS, "administrator_name": "sg-dba-production"},
    "entra-admin-allowlist": {"approved_administrators": [DBAS]},
    "firewall-rule-allowlist": {"allowed_ranges": ["192.0.2.0/28", "198.51.100.40/32"]},
}
PUBLIC = Setting(SettingKind.PUBLIC_ACCESS)
TLS, MINIMUM = (Setting(SettingKind.PROPERTY, f"tls.{name}") for name in ("enforcement", "minimumVersion"))
OWNER = Setting(SettingKind.ADMINISTRATOR, DBAS)
EVERYBODY, AZURE = rule_value("0.0.0.0", "255.255.255.255"), rule_value("0.0.0.0", "0.0.0.0")
RANGE = rule_value("203.0.113.0", "203.0.113.200")
SOMEBODY = Setting(SettingKind.ADMINISTRATOR, STRANGER), administrator_value(an_admin(STRANGER, "stranger"))
KINDS = (PARTNERS, REPORTING, RISK)


@dataclass(frozen=True, slots=True)
class Case:
    """A control on a server, and what somebody does there that the control objects to; `before` comes before all."""

    control: str
    target: Target
    setting: Setting
    value: Value
    before: tuple[Change, ...] = ()

    def __str__(self) -> str:
        return f"{self.control}-{self.target.kind.name.lower()}"


def rules(control: str, value: Value) -> list[Case]:
    """A new rule on each kind of server; that of the cluster has to be in force."""
    rule = Setting(SettingKind.FIREWALL_RULE, "new")
    opened = Change(PUBLIC, "Disabled", "Enabled", Source.PERSON)
    return [Case(control, target, rule, value, (opened,) if target == RISK else ()) for target in KINDS]


CASES = (
    *rules("firewall-no-any-any", EVERYBODY),
    *rules("firewall-no-azure-services", AZURE),
    *rules("firewall-rule-allowlist", RANGE),
    *rules("firewall-public-ip-range-size", RANGE),
    *(Case("entra-admin-allowlist", target, *SOMEBODY) for target in KINDS),
    Case("entra-auth-enabled", REPORTING, OWNER, None),
    *(Case("public-network-access-disabled", target, PUBLIC, "Enabled") for target in (PAYMENTS, RISK)),
    Case("tls-required", PARTNERS, Setting(SettingKind.PARAMETER, "require_secure_transport"), "off"),
    Case("tls-required", REPORTING, TLS, "Disabled"),
    Case("tls-min-version-12", REPORTING, MINIMUM, "TLS1_0"),
)
EACH = pytest.mark.parametrize("case", CASES, ids=str)


def the_policy() -> Policy:
    """Every control that is on unasked may write; alerts and Azure Policy are not asked about."""
    lines = {
        name: ControlPolicy(parameters=CATALOGUE[name].control.parameters.model_validate(given))
        for name, given in OWN.items()
    }
    return replace(default_policy(CATALOGUE), mode=Mode.ENFORCE, default_playbooks=Mode.OFF, controls=lines)


ROLE = tuple(right.action for right in rights_for(CATALOGUE, the_policy()))


class Azure:
    """An emulator, and Holdfast's adapter in front of it; what it may there can be narrowed."""

    def __init__(self, emulator: Emulator, arm: AzureArm) -> None:
        self.emulator = emulator
        self.arm = arm
        # A lock on a server keeps rules from being deleted, whoever asks.
        for target in (REPORTING, RISK):
            emulator.world.store.remove(f"{target.id}/providers/Microsoft.Authorization/locks/keep")

    def narrow(self, actions: Iterable[str]) -> None:
        """From now on Holdfast has a role with these actions and no other, and its calls are counted anew."""
        access = self.emulator.world.access
        role = Role(name="Holdfast", actions=tuple(actions))
        access.app.grants[:] = [Grant(role, "role", "/", "assignment", self.emulator.world.tree)]
        self.emulator.door.calls.clear()

    def asked(self) -> set[str]:
        """The actions that the emulator asked for. Resource Graph shows what may be read, and asks for none."""
        return set(self.emulator.door.calls.summary()["operations"])

    async def write(self, target: Target, *changes: Change) -> None:
        """Write, and follow what Azure works on."""
        for group in self.arm.requests(target, changes):
            accepted = await self.arm.write(target, group, CORRELATION)
            if accepted.operation:
                assert (await self.arm.progress(accepted.operation)).done

    async def cycle(self, case: Case, role: Iterable[str]) -> set[str]:
        """One control's whole cycle under the role; which actions it took. Raises Forbidden."""
        remediator = CATALOGUE[case.control]
        facets = remediator.control.on(case.target.kind).facets
        judge = Judge(remediator, the_policy().general_rule(remediator.control))
        await self.write(case.target, *case.before)
        good = await self.arm.observe(case.target, facets)
        await self.write(case.target, Change(case.setting, None, case.value, Source.PERSON))
        self.narrow(role)
        found = await self.arm.observe(case.target, facets)
        assert judge.drifts(found), "the drift is found"
        plan = make_plan(found, [judge], LastGood(values=good.settings(), seen=good.facets()))
        assert plan.changes, plan.refusals
        await self.arm.writers(case.target, case.setting.path(case.target.kind), now() - timedelta(hours=1))
        await self.write(case.target, *plan.changes)
        assert not judge.drifts(await self.arm.observe(case.target, facets)), "the fix is proven"
        await self.write(case.target, *plan.undo)
        assert judge.drifts(await self.arm.observe(case.target, facets)), "the undo brings it back"
        return self.asked()

    async def old_tls_on_citus(self, role: Iterable[str]) -> set[str]:
        """Azure lets nobody set an old version any more: the cluster has one from before, and no undo brings it back.

        Which actions putting that right took. Raises Forbidden.
        """
        world, remediator = self.emulator.world, CATALOGUE["tls-min-version-12"]
        cluster = world.store.get(RISK.id)
        assert cluster is not None
        for node in (COORDINATOR, WORKER):
            set_value(world, cluster, TABLE["ssl_min_protocol_version"], node, "TLSv1.1")
        self.narrow(role)
        facets = remediator.control.on(RISK.kind).facets
        judge = Judge(remediator, the_policy().general_rule(remediator.control))
        await self.write(RISK, *make_plan(await self.arm.observe(RISK, facets), [judge], LastGood()).changes)
        assert not judge.drifts(await self.arm.observe(RISK, facets))
        return self.asked()


@asynccontextmanager
async def azure(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Azure]:
    emulator = Emulator(Fleet.load(DEFAULT_FLEET))
    async with emulator.running() as address:
        for name, value in address.environment().items():
            monkeypatch.setenv(name, value)
        client = ArmClient(address.arm, "https://management.azure.com", ManagedIdentityCredential(), address.tls())
        arm = AzureArm(client)
        try:
            yield Azure(emulator, arm)
        finally:
            await arm.close()


@EACH
async def test_the_role_is_enough_for_the_whole_cycle(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    async with azure(monkeypatch) as there:
        assert {action.lower() for action in await there.cycle(case, ROLE)} <= {action.lower() for action in ROLE}


def test_every_control_that_is_on_unasked_is_run() -> None:
    on = {name for name, remediator in CATALOGUE.items() if the_policy().possible(remediator.control)}
    assert {case.control for case in CASES} == on


async def test_nothing_in_the_role_is_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: set[str] = set()
    for case in CASES:
        async with azure(monkeypatch) as there:
            taken |= await there.cycle(case, ROLE)
    async with azure(monkeypatch) as there:
        taken |= await there.old_tls_on_citus(ROLE)
    assert {action.lower() for action in taken} == {action.lower() for action in ROLE}


# Following an operation is a courtesy: where Azure does not show it, the state itself is read again.
@pytest.mark.parametrize("action", [action for action in ROLE if "/locations/" not in action])
async def test_without_any_one_action_something_is_refused(action: str, monkeypatch: pytest.MonkeyPatch) -> None:
    left = [one for one in ROLE if one != action]
    for case in (case for case in CASES if takes(case, action)):
        async with azure(monkeypatch) as there:
            with suppress(Forbidden):
                await there.cycle(case, left)
                continue
            return
    async with azure(monkeypatch) as there:
        with pytest.raises(Forbidden):
            await there.old_tls_on_citus(left)


def takes(case: Case, action: str) -> bool:
    """Whether the action is one for this kind of server, or for all."""
    words = action.split("/")
    return words[0] != PROVIDER or words[1] == case.target.kind.type_name
