"""What Azure tells of a server's properties is what its definitions say."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from shared.arm.layout import LAYOUTS
from shared.own_controls.told import TOLD
from shared.target import Kind
from tests.contracts import VALIDATOR, validator

FILES = {
    Kind.FLEXIBLE: ("flexible.2025-08-01.pypi", "Server"),
    Kind.SINGLE: ("single.2017-12-01.pandora", "Servers.Server"),
    Kind.CITUS: ("serverGroupsv2.2023-03-02-preview.pypi", "Cluster"),
}
OUTSIDE = ("location", "sku", "identity")
# Not read with the server, secret, or no member of ARM's own.
LEFT_OUT = {"administratorLoginPassword", "privateEndpointConnections", "identity.identityIds"}


@pytest.mark.skipif(not VALIDATOR.exists(), reason=f"no definitions beside the repository ({VALIDATOR})")
@pytest.mark.parametrize("kind", Kind)
def test_every_property_of_the_definition_is_told_and_no_other(kind: Kind) -> None:
    file, type_ = FILES[kind]
    definition = json.loads((VALIDATOR.parent / "contracts" / f"Microsoft.DBforPostgreSQL.{file}.json").read_text())
    whole = set(leaves(definition | {"cache": {}}, {"ref": type_}))
    inside = {name.removeprefix("properties.") for name in whole if name.startswith("properties.")}
    named = inside | {name for name in whole if name.split(".")[0] in OUTSIDE}
    ours = {theirs: name for name, theirs in LAYOUTS[kind].properties.items()}
    assert {ours.get(name, name) for name in named - LEFT_OUT} == TOLD[kind]


def leaves(definition: Mapping[str, Any], node: Mapping[str, Any], name: str = "") -> Iterator[str]:
    """The dotted names of everything that is no object itself."""
    type_ = node
    if "ref" in node:
        contracts = validator().Contracts
        # Only what folds a type's bases in is needed, not every file.
        type_ = contracts.flat(contracts.__new__(contracts), definition, node["ref"])
    inner = type_.get("props")
    if not inner:
        yield name
    for key, part in (inner or {}).items():
        yield from leaves(definition, part, f"{name}.{key}".lstrip("."))
