"""cmk-key-uri-unchanged, cmk-copy-key-validation: an approved key encrypts the server, and its copies."""

import pytest

from shared.control import Drift, Finding, LastGood, NotApplicable, Risk, Source
from shared.encryption import ENCRYPTION, IDENTITY, with_attached
from shared.plan import make_plan
from shared.state import FacetKind, State
from shared.target import Kind
from tests.builders import a_server, a_state, a_target
from tests.good import GEO_IDENTITY, KEY, KEY_IDENTITY, SINGLE_KEY
from tests.remediators.encrypted import encrypted, judge, members

OTHER = "https://kv-of-others.vault.azure.net/keys/servers"
UNCHANGED, COPIES = "cmk-key-uri-unchanged", "cmk-copy-key-validation"
REPLICA = {"replicationRole": "AsyncReplica"}


def the_drift(found: Finding) -> Drift:
    assert isinstance(found, tuple)
    (drift,) = found
    return drift


@pytest.mark.parametrize("uri", [KEY, KEY.upper().replace("HTTPS", "https").replace("/KEYS/", "/keys/"), f"{KEY}/"])
def test_the_approved_key_is_good_in_any_casing(uri: str) -> None:
    assert judge(UNCHANGED, approved_keys=[KEY]).find(encrypted(primaryKeyURI=uri)) == ()


@pytest.mark.parametrize("uri", [OTHER, f"{KEY}-2", f"{KEY}/0123456789abcdef"])
def test_another_vault_key_or_version_goes_back_to_the_approved_one(uri: str) -> None:
    (change,) = make_plan(encrypted(primaryKeyURI=uri), [judge(UNCHANGED, approved_keys=[KEY])], LastGood()).changes
    assert (change.after, change.risk) == (members(), Risk.MAY_CUT_CLIENTS)


def test_of_several_approved_keys_the_one_that_was_there_comes_back() -> None:
    before = LastGood(values={ENCRYPTION: members()})
    several = judge(UNCHANGED, approved_keys=[OTHER, KEY])
    (change,) = make_plan(encrypted(primaryKeyURI=f"{OTHER}-2"), [several], before).changes
    assert (change.after, change.source) == (members(), Source.LAST_GOOD)


def test_of_several_approved_keys_a_person_chooses_when_none_is_known() -> None:
    plan = make_plan(encrypted(primaryKeyURI=f"{KEY}-2"), [judge(UNCHANGED, approved_keys=[KEY, OTHER])], LastGood())
    assert plan.changes == ()
    assert "choose one of the approved keys" in plan.refusals[ENCRYPTION]


def test_a_key_that_is_no_longer_approved_does_not_come_back() -> None:
    before = LastGood(values={ENCRYPTION: members(primaryKeyURI=OTHER)})
    (change,) = make_plan(encrypted(primaryKeyURI=f"{KEY}-2"), [judge(UNCHANGED, approved_keys=[KEY])], before).changes
    assert (change.after, change.source) == (members(), Source.POLICY)


@pytest.mark.parametrize("control", [UNCHANGED, COPIES])
def test_without_a_list_or_without_a_key_of_the_owner_nothing_is_said(control: str) -> None:
    assert isinstance(judge(control).find(encrypted(facts=REPLICA)), NotApplicable)
    managed = encrypted(facts=REPLICA, type="SystemManaged")
    assert isinstance(judge(control, approved_keys=[KEY]).find(managed), NotApplicable)


def test_only_copies_are_judged_as_copies() -> None:
    copies = judge(COPIES, approved_keys=[KEY])
    assert isinstance(copies.find(encrypted(primaryKeyURI=OTHER)), NotApplicable)
    assert the_drift(copies.find(encrypted(facts=REPLICA, primaryKeyURI=OTHER))).wanted == members()
    assert copies.find(encrypted(facts={"sourceServerResourceId": "/subscriptions/x"})) == ()


def test_a_copy_that_cannot_use_its_key_needs_a_person() -> None:
    state = encrypted(facts={**REPLICA, "dataEncryption.primaryEncryptionKeyStatus": "Invalid"})
    assert the_drift(judge(COPIES, approved_keys=[KEY]).find(state)).person
    assert make_plan(state, [judge(COPIES, approved_keys=[KEY])], LastGood()).changes == ()


def test_key_version_and_identity_are_put_right_in_one_write() -> None:
    state = encrypted(primaryKeyURI=f"{OTHER}/0123456789abcdef")
    judges = [judge("cmk-versionless-key-uri"), judge(UNCHANGED, approved_keys=[KEY])]
    (change,) = make_plan(state, judges, LastGood()).changes
    assert change.after == members()


def single(uri: str, role: str = "Master") -> State:
    keys = {"key": {"serverKeyType": "AzureKeyVault", "uri": uri, "thumbprint": "A1"}}
    server = a_server(facts={"replicationRole": role})
    return a_state(a_target(kind=Kind.SINGLE), server=server, children={FacetKind.SERVER_KEYS: keys})


def test_a_single_server_gets_the_approved_version_as_its_only_key() -> None:
    approved = judge(UNCHANGED, approved_keys=[KEY, SINGLE_KEY])
    assert approved.find(single(SINGLE_KEY)) == ()
    found = single(f"{SINGLE_KEY[:-1]}b")
    (change,), (back,) = (plan := make_plan(found, [approved], LastGood())).changes, plan.undo
    assert change.after == {"serverKeyType": "AzureKeyVault", "uri": SINGLE_KEY}
    assert approved.find(found.with_value(change.setting, change.after)) == ()
    assert back.after == {"serverKeyType": "AzureKeyVault", "uri": f"{SINGLE_KEY[:-1]}b"}


def test_a_single_server_takes_no_key_without_a_version() -> None:
    approved = judge(UNCHANGED, approved_keys=[KEY])
    plan = make_plan(single(SINGLE_KEY), [approved], LastGood())
    assert plan.changes == ()
    assert len(plan.refusals) == 1


def test_a_replica_of_a_single_server_is_a_copy() -> None:
    copies = judge(COPIES, approved_keys=[SINGLE_KEY])
    assert isinstance(copies.find(single(f"{SINGLE_KEY}b")), NotApplicable)
    assert the_drift(copies.find(single(f"{SINGLE_KEY}b", "Replica")))


def test_a_copy_of_a_cluster_needs_a_person_to_choose_its_key() -> None:
    facts = {
        "sourceResourceId": "/subscriptions/x",
        "dataEncryption.type": "AzureKeyVault",
        "dataEncryption.primaryKeyURI": OTHER,
    }
    state = a_state(a_target(kind=Kind.CITUS), server=a_server(facts=facts))
    copies = judge(COPIES, approved_keys=[KEY])
    assert the_drift(copies.find(state)).person.startswith("choose an approved key")
    assert make_plan(state, [copies], LastGood()).changes == ()
    assert isinstance(copies.find(a_state(a_target(kind=Kind.CITUS))), NotApplicable)


def test_a_key_that_comes_back_brings_the_identities_that_reach_it() -> None:
    taken = encrypted((), primaryKeyURI=OTHER, geoBackupUserAssignedIdentityId="")
    before = LastGood(values={ENCRYPTION: members()})
    first, second = make_plan(taken, [judge(UNCHANGED, approved_keys=[KEY])], before).changes
    assert (first.setting, first.after) == (IDENTITY, with_attached(taken, [KEY_IDENTITY, GEO_IDENTITY]))
    assert second.after == members()
