"""Whom Defender writes to: what is missing is added, what is there stays."""

import json

from shared.control import LastGood
from shared.plan import make_plan
from shared.state import FacetKind, State
from tests.good_neighbours import CONTACT, OUTSIDE
from tests.remediators.judging import drifts_of, judge_of
from tests.remediators.outside import with_around

ID = "defender-security-contact"
GOOD = dict(OUTSIDE[FacetKind.CONTACTS][CONTACT][0] or {})


def contact(**texts: str) -> State:
    named = {name.replace("__", "."): text for name, text in texts.items()}
    return with_around({FacetKind.CONTACTS: {CONTACT: GOOD | named}})


def planned(state: State, **given: object) -> dict[str, object]:
    changes = make_plan(state, [judge_of(ID, state, **given)], LastGood()).changes
    return {change.setting.neighbour[2]: change.after for change in changes}


def test_a_contact_in_order_is_left_alone() -> None:
    assert drifts_of(ID, contact()) == ()


def test_roles_and_sources_keep_what_is_in_them() -> None:
    other = {"sourceType": "AttackPath", "minimalRiskLevel": "Critical"}
    state = contact(
        isEnabled="false", notificationsByRole__roles='["Reader"]', notificationsSources=json.dumps([other])
    )
    found = planned(state)
    assert found["isEnabled"] == "true"
    assert json.loads(str(found["notificationsByRole.roles"])) == ["Reader", "Owner"]
    sources = json.loads(str(found["notificationsSources"]))
    assert sources == [other, {"minimalSeverity": "High", "sourceType": "Alert"}]


def test_an_address_comes_from_the_policy_or_a_person_names_one() -> None:
    assert planned(contact(emails=""), emails=["soc@contoso.example", "b@contoso.example"]) == {
        "emails": "soc@contoso.example;b@contoso.example"
    }
    (drift,) = drifts_of(ID, contact(emails=""))
    assert "parameters.emails" in drift.person


def test_a_subscription_without_a_contact_gets_one() -> None:
    drifts = drifts_of(ID, with_around({FacetKind.CONTACTS: {}}), emails=["soc@contoso.example"])
    assert {drift.setting.neighbour[1] for drift in drifts} == {CONTACT}
    assert len(drifts) == 5


def test_broken_lists_are_written_anew() -> None:
    assert json.loads(str(planned(contact(notificationsByRole__roles="{"))["notificationsByRole.roles"])) == ["Owner"]
