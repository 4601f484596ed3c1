"""geo-backup-cmk: the copies of the backups have a key of their own in the paired region."""

import pytest

from shared.control import LastGood, NotApplicable
from shared.encryption import ENCRYPTION, IDENTITY
from shared.plan import Judge, make_plan
from shared.state import State
from tests.good import GEO_IDENTITY, GEO_KEY, KEY_IDENTITY
from tests.remediators.encrypted import encrypted, judge, members

CONTROL = "geo-backup-cmk"
TOLD = judge(CONTROL, geo_key=GEO_KEY, geo_identity=GEO_IDENTITY)


def bare(attached: tuple[str, ...] = (KEY_IDENTITY, GEO_IDENTITY)) -> State:
    return encrypted(attached, geoBackupKeyURI="", geoBackupUserAssignedIdentityId="")


def test_copies_with_a_key_of_their_own_are_good() -> None:
    assert judge(CONTROL).find(encrypted()) == ()


def test_the_key_of_the_policy_is_written_with_all_other_members() -> None:
    (change,) = make_plan(bare(), [TOLD], LastGood()).changes
    assert (change.setting, change.after) == (ENCRYPTION, members())


def test_its_identity_is_attached_with_it() -> None:
    first, second = make_plan(bare((KEY_IDENTITY,)), [TOLD], LastGood()).changes
    assert (first.setting, first.after) == (IDENTITY, encrypted().value(IDENTITY))
    assert (second.setting, second.after, second.needs) == (ENCRYPTION, members(), (IDENTITY,))


@pytest.mark.parametrize(
    ("told", "state", "first"),
    [
        (judge(CONTROL), bare(), "name the key and identity"),
        (judge(CONTROL, geo_key=GEO_KEY), bare(), "name the key and identity"),
        (TOLD, encrypted(facts={"dataEncryption.geoBackupEncryptionKeyStatus": "Invalid"}), "let the identity"),
    ],
    ids=["no key", "no identity", "not usable"],
)
def test_somebody_has_to_act_first(told: Judge, state: State, first: str) -> None:
    plan = make_plan(state, [told], LastGood())
    assert plan.changes == ()
    assert plan.refusals[ENCRYPTION].startswith(first)


@pytest.mark.parametrize(
    "state", [encrypted(facts={"backup.geoRedundant": "Disabled"}), encrypted(type="SystemManaged")], ids=["geo", "key"]
)
def test_without_such_copies_nothing_is_said(state: State) -> None:
    assert isinstance(TOLD.find(state), NotApplicable)
