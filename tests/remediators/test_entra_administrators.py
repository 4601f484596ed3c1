"""entra-admin-allowlist: administrators the policy does not name go; the last one never does."""

import pytest
from pydantic import ValidationError

from remediators.entra_administrators import Approved, detect, plan
from shared.control import Case, Change, Drift, LastGood, NotApplicable, Proposal, Refusal, Source
from shared.state import Administrator, Setting, SettingKind, State, administrator_value
from tests.builders import DBA_GROUP, STRANGER, a_state, a_target, an_admin

APPROVED = Approved(approved_administrators=(DBA_GROUP,))
DBA = Setting(SettingKind.ADMINISTRATOR, DBA_GROUP)
INTRUDER = Setting(SettingKind.ADMINISTRATOR, STRANGER)
OTHER = "55555555-5555-4555-8555-555555555555"


def drifts(*admins: Administrator, approved: Approved = APPROVED) -> tuple[Drift, ...]:
    found = detect(a_state(administrators=admins), approved)
    assert isinstance(found, tuple)
    return found


def proposal(*admins: Administrator, before: tuple[Administrator, ...] = (), approved: Approved = APPROVED) -> Proposal:
    """What is proposed for these administrators when those were there before."""
    values = {Setting(SettingKind.ADMINISTRATOR, admin.object_id): administrator_value(admin) for admin in before}
    state = a_state(administrators=admins)
    return plan(Case(state, drifts(*admins, approved=approved), LastGood(values), approved))


def test_a_stranger_is_a_drift_that_wants_him_gone() -> None:
    stranger = an_admin(STRANGER, "mallory")
    assert drifts(an_admin(), stranger) == (
        Drift(
            "entra-admin-allowlist",
            INTRUDER,
            {"principalName": "mallory", "principalType": "Group", "tenantId": stranger.tenant_id},
            None,
            "an administrator whom the policy does not name",
        ),
    )


def test_an_approved_administrator_is_good_whatever_the_name() -> None:
    assert drifts(an_admin(name="anything")) == ()


def test_the_name_of_an_approved_administrator_approves_nobody() -> None:
    assert [drift.setting for drift in drifts(an_admin(STRANGER, "dba-group"))] == [INTRUDER]


def test_the_policy_may_name_object_ids_in_any_casing() -> None:
    shouted = Approved(approved_administrators=(OTHER.replace("5", "A"),))
    assert drifts(an_admin(OTHER.replace("5", "a")), approved=shouted) == ()


def test_without_a_list_the_control_says_nothing() -> None:
    assert detect(a_state(), Approved()) == NotApplicable("the policy names no approved administrators")


def test_no_administrators_are_no_strangers() -> None:
    assert drifts() == ()
    assert detect(State(a_target()), APPROVED) == ()


@pytest.mark.parametrize("object_id", ["", "dba-group", OTHER + "0", OTHER[:-1] + "g", "../" + OTHER[3:]])
def test_what_is_no_object_id_is_refused(object_id: str) -> None:
    with pytest.raises(ValidationError):
        Approved.model_validate({"approved_administrators": [object_id]})


def test_strangers_go_while_somebody_approved_stays() -> None:
    mallory = an_admin(STRANGER, "mallory")
    assert proposal(an_admin(), mallory) == (Change(INTRUDER, administrator_value(mallory), None, Source.POLICY),)


def test_the_last_administrator_never_goes_without_a_successor() -> None:
    assert proposal(an_admin(STRANGER)) == Refusal(
        "it would remove the last administrator: add an approved one first, then this one is removed"
    )


def test_a_successor_who_is_not_approved_is_none() -> None:
    assert isinstance(proposal(an_admin(STRANGER), before=(an_admin(OTHER),)), Refusal)


def test_an_approved_administrator_who_was_removed_comes_back_first() -> None:
    answer = proposal(an_admin(STRANGER), before=(an_admin(),))
    assert isinstance(answer, tuple)
    successor, removal = answer
    assert successor == Change(DBA, None, administrator_value(an_admin()), Source.LAST_GOOD)
    assert (removal.setting, removal.after, removal.needs) == (INTRUDER, None, (DBA,))


def test_every_stranger_waits_for_the_successor() -> None:
    answer = proposal(an_admin(STRANGER), an_admin(OTHER), before=(an_admin(),))
    assert isinstance(answer, tuple)
    assert [change.needs for change in answer] == [(), (DBA,), (DBA,)]


def test_the_first_approved_one_who_is_remembered_succeeds() -> None:
    approved = Approved(approved_administrators=(OTHER, DBA_GROUP))
    answer = proposal(an_admin(STRANGER), before=(an_admin(),), approved=approved)
    assert isinstance(answer, tuple)
    assert answer[0].setting == DBA
