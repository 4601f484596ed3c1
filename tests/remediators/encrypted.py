"""A server that is encrypted with its owner's key, in good order but for what a test names."""

import json
from collections.abc import Mapping
from typing import Any

from shared.plan import Judge
from shared.policy import ControlPolicy, Mode, Policy
from shared.state import State
from tests.builders import CATALOGUE, a_server, a_state
from tests.good import GEO_IDENTITY, GEO_KEY, KEY, KEY_IDENTITY

_MEMBERS = {
    "type": "AzureKeyVault",
    "primaryKeyURI": KEY,
    "primaryUserAssignedIdentityId": KEY_IDENTITY,
    "geoBackupKeyURI": GEO_KEY,
    "geoBackupUserAssignedIdentityId": GEO_IDENTITY,
}


def members(**changes: str) -> dict[str, str]:
    """What dataEncryption says; an empty text is left out."""
    return {name: text for name, text in {**_MEMBERS, **changes}.items() if text}


def encrypted(
    attached: tuple[str, ...] = (KEY_IDENTITY, GEO_IDENTITY), facts: Mapping[str, str] | None = None, **changes: str
) -> State:
    """The server; `changes` are members of dataEncryption."""
    held = {f"dataEncryption.{name}": text for name, text in members(**changes).items()}
    identity = {"identity.type": "UserAssigned", "identity.userAssignedIdentities": json.dumps(sorted(attached))}
    more = {"backup.geoRedundant": "Enabled", **(identity if attached else {}), **(facts or {})}
    return a_state(server=a_server(facts={**held, **more}))


def judge(control: str, **given: Any) -> Judge:
    """The control, enforced, with these parameters."""
    remediator = CATALOGUE[control]
    line = ControlPolicy(mode=Mode.ENFORCE, parameters=remediator.control.parameters.model_validate(given))
    policy = Policy(controls={control: line})
    return Judge(remediator, policy.general_rule(remediator.control))
