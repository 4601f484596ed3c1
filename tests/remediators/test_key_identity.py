"""cmk-identity-assigned: what reaches the key is attached, and approved; what else is attached stays."""

import json

import pytest

from shared.control import Drift, Finding, LastGood, NotApplicable, Source
from shared.encryption import ENCRYPTION, IDENTITY
from shared.plan import make_plan
from tests.good import GEO_IDENTITY, KEY_IDENTITY
from tests.remediators.encrypted import encrypted, judge, members

CONTROL = "cmk-identity-assigned"
OTHER = KEY_IDENTITY.replace("/keys", "/of-others")


def the_drift(found: Finding) -> Drift:
    assert isinstance(found, tuple)
    (drift,) = found
    return drift


def identity(*ids: str, kind: str = "UserAssigned") -> dict[str, str]:
    return {"type": kind, "userAssignedIdentities": json.dumps(sorted(ids))}


def test_attached_identities_are_good_in_any_casing() -> None:
    assert judge(CONTROL).find(encrypted(attached=(KEY_IDENTITY.upper(), GEO_IDENTITY))) == ()


@pytest.mark.parametrize("missing", [KEY_IDENTITY, GEO_IDENTITY])
def test_an_identity_that_is_needed_is_attached_beside_the_others(missing: str) -> None:
    others = {KEY_IDENTITY, GEO_IDENTITY, OTHER} - {missing}
    drift = the_drift(judge(CONTROL).find(encrypted(attached=tuple(others))))
    assert drift.setting == IDENTITY
    assert drift.wanted == identity(KEY_IDENTITY, GEO_IDENTITY, OTHER)


def test_a_server_without_any_gets_those_it_needs() -> None:
    (change,) = make_plan(encrypted(attached=()), [judge(CONTROL)], LastGood()).changes
    assert (change.before, change.after) == (None, identity(KEY_IDENTITY, GEO_IDENTITY))


def test_the_identity_that_azure_gave_the_server_stays() -> None:
    state = encrypted(facts={"identity.type": "SystemAssigned", "identity.userAssignedIdentities": "[]"})
    both = identity(KEY_IDENTITY, GEO_IDENTITY, kind="SystemAssigned,UserAssigned")
    assert the_drift(judge(CONTROL).find(state)).wanted == both


@pytest.mark.parametrize("attached", [(OTHER, GEO_IDENTITY), (GEO_IDENTITY,)], ids=["attached", "not attached"])
def test_the_approved_identity_is_attached_and_reaches_the_key_in_the_place_of_a_stranger(
    attached: tuple[str, ...],
) -> None:
    approved = judge(CONTROL, approved_identities=[KEY_IDENTITY])
    stranger = encrypted(attached, primaryUserAssignedIdentityId=OTHER)
    first, second = make_plan(stranger, [approved], LastGood()).changes
    assert (first.setting, first.after) == (IDENTITY, identity(KEY_IDENTITY, *attached))
    assert (second.setting, second.after, second.needs) == (ENCRYPTION, members(), (IDENTITY,))


def test_of_several_approved_identities_the_one_that_was_there_comes_back() -> None:
    approved = judge(CONTROL, approved_identities=[GEO_IDENTITY, KEY_IDENTITY])
    state = encrypted(attached=(KEY_IDENTITY, GEO_IDENTITY, OTHER), primaryUserAssignedIdentityId=OTHER)
    (change,) = make_plan(state, [approved], LastGood(values={ENCRYPTION: members()})).changes
    assert (change.after, change.source) == (members(), Source.LAST_GOOD)
    assert make_plan(state, [approved], LastGood()).changes == ()


def test_a_server_with_the_key_of_microsoft_is_not_judged() -> None:
    assert isinstance(judge(CONTROL).find(encrypted(type="SystemManaged")), NotApplicable)
