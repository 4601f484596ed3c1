"""`holdfast keys`: which key, how long, who may use it; the most urgent first, and how to roll it over."""

import json
from dataclasses import replace
from datetime import timedelta

from shared.errors import Forbidden
from shared.state import Facet, FacetKind, State
from shared.target import Target
from tests.builders import a_state, a_target
from tests.cli.terminal import Printed, Terminal
from tests.engine.world import World
from tests.fakes.clock import START
from tests.good_neighbours import VAULT
from tests.remediators.test_key_access import encrypted, role


def a_server(name: str, days: int, *, may: bool = True) -> State:
    state = encrypted(role() if may else {})
    texts = {
        "attributes.enabled": "true",
        "attributes.exp": str(int((START + timedelta(days=days, minutes=1)).timestamp())),
        "attributes.created": str(int(START.timestamp())),
        "keyUriWithVersion": "https://kv-payments.vault.azure.net/keys/servers/0123abcd",
        "rotationPolicy.lifetimeActions": '[{"action": {"type": "Rotate"}, "trigger": {"timeBeforeExpiry": "P30D"}}]',
    }
    keys = {f"{VAULT}/keys/servers": texts}
    return replace(state, target=a_target(name), children={**state.children, FacetKind.VAULT_KEYS: keys})


async def types(world: World, *words: str) -> Printed:
    return await Terminal(world).types("keys", *words)


async def test_the_most_urgent_comes_first() -> None:
    world = World(
        a_server("pg-fine", 300),
        a_server("pg-soon", 12),
        a_server("pg-lost", 200, may=False),
        a_state(a_target("pg-own")),
    )
    printed = await types(world, "--format", "json")
    found = json.loads(printed.text)
    assert [(one["server"].rpartition("/")[2], one["trouble"]) for one in found["keys"]] == [
        ("pg-soon", "expires in 12 days"),
        ("pg-lost", "the server may not use it"),
        ("pg-fine", ""),
    ]
    assert (printed.code, found["servers_without_own_key"]) == (1, 1)


async def test_one_server_is_shown_with_the_way_to_a_new_version() -> None:
    printed = await types(World(a_server("pg-fine", 300)), "pg-fine")
    assert printed.code == 0
    wanted = ("all is well", "version 0123abcd", "(300 days)", "P30D before it expires", "Encryption User")
    assert printed.lacks(*wanted, "az keyvault key rotate --vault-name kv-payments --name servers") == []


async def test_who_has_lost_the_right_reads_how_to_give_it() -> None:
    printed = await types(World(a_server("pg-lost", 300, may=False)), "pg-lost")
    assert printed.lacks("the server may not use it", "az role assignment create") == []


async def test_a_vault_that_is_not_shown_says_what_is_missing() -> None:
    world = World(a_server("pg-fine", 300))

    def hidden(_: Target, facet: Facet) -> None:
        if facet.kind is FacetKind.VAULTS:
            raise Forbidden("Microsoft.KeyVault/vaults/read is missing on key vault kv-payments", "", VAULT)

    world.arm.on_read = hidden
    printed = await types(world, "--format", "json")
    (one,) = json.loads(printed.text)["keys"]
    assert "vaults/read is missing" in one["trouble"]
    assert printed.code == 1


async def test_the_list_fits_80_columns_and_says_what_is_wrong_in_whole_lines() -> None:
    world = World(a_server("pg-payments-weu-prod", 12), a_server("pg-lost", 200, may=False))
    printed = await Terminal(world, width=80).types("keys")
    lines = [line.rstrip() for line in printed.text.splitlines()]
    heading = ["Server", "Key", "Vault", "Expires", "Rotates", "May use it"]
    assert [word for word in heading if word in lines[0]] == heading
    assert all(len(line) <= 80 for line in lines)
    assert "pg-payments-weu-prod: expires in 12 days" in lines
    assert "pg-lost: the server may not use it" in lines
