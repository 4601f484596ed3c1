"""May we? Each step with its sentence, in order."""

from dataclasses import replace

import pytest

from shared.control import Change, Disposition, Drift, LastGood, Risk, Source
from shared.decide import Circumstances, Decision, Question, Verb, decide, decide_all
from shared.memory import Assent, Consent
from shared.plan import Plan
from shared.policy import ControlPolicy, Mode, Policy
from shared.scope import Place
from shared.state import SERVER, Facet, FacetKind, Setting, SettingKind
from tests.builders import NOON, a_server, a_state, a_target
from tests.shared.judges import a_control, a_judge, wants

SETTING = Setting(SettingKind.PUBLIC_ACCESS)
OPEN = a_state(server=a_server(public_access=True))
DRIFT = Drift("a-control", SETTING, "Enabled", "Disabled", "open")
CLOSE = Change(SETTING, "Enabled", "Disabled", Source.POLICY)
HERE = Place(a_target())
NOTHING_ELSE = Circumstances(HERE, NOON)
KNOWN = LastGood({SETTING: "Disabled"}, frozenset({SERVER}))
NEVER_SEEN = LastGood()
HELD, FIRST = "it held before", "first seen like this, no earlier good value is known"
AUTO, APPROVAL = Disposition.AUTO, Disposition.APPROVAL


def a_question(
    policy: Policy | None = None,
    fresh: bool = True,
    change: Change | None = CLOSE,
    refusal: str = "",
    card: Disposition = AUTO,
) -> Question:
    control = a_control(fresh=card, first_sight=card)
    rule = (policy or Policy(mode=Mode.ENFORCE)).general_rule(control)
    return Question(control, DRIFT, fresh, rule, (change,) if change else (), refusal, HERE, NOON)


def named(mode: Mode, first_sight: Mode | None = None) -> Policy:
    """A policy that enforces by default and has a line for the control."""
    return Policy(mode=Mode.ENFORCE, controls={"a-control": ControlPolicy(mode=mode, first_sight=first_sight)})


def test_without_an_objection_the_change_is_made() -> None:
    assert decide(a_question()) == Decision(Verb.ACT, "the policy says enforce for a-control")


@pytest.mark.parametrize(("fresh", "since"), [(True, HELD), (False, FIRST)])
@pytest.mark.parametrize(
    ("mode", "verb"), [(Mode.OFF, Verb.RECORD), (Mode.AUDIT, Verb.RECORD), (Mode.NOTIFY, Verb.TELL)]
)
def test_a_policy_that_only_observes_says_so(mode: Mode, verb: Verb, fresh: bool, since: str) -> None:
    answer = decide(a_question(Policy(mode=mode), fresh))
    assert answer == Decision(verb, f"the policy says {mode} ({since})")


def test_a_fresh_drift_follows_its_own_mode_and_one_at_first_sight_another() -> None:
    policy = Policy(mode=Mode.ENFORCE, first_sight=Mode.AUDIT)
    assert decide(a_question(policy, fresh=True)).verb is Verb.ACT
    assert decide(a_question(policy, fresh=False)).verb is Verb.RECORD


def test_a_refusal_is_told_in_its_own_words() -> None:
    assert decide(a_question(refusal="no tenant is known")) == Decision(Verb.TELL, "no tenant is known")


def test_a_refusal_is_no_reason_to_speak_where_the_policy_only_observes() -> None:
    assert decide(a_question(Policy(mode=Mode.AUDIT), refusal="no tenant is known")).verb is Verb.RECORD


def test_a_drift_without_a_change_is_told() -> None:
    answer = decide(a_question(change=None))
    assert answer == Decision(Verb.TELL, "no change of this server's settings would mend it")


@pytest.mark.parametrize("card", [AUTO, APPROVAL])
@pytest.mark.parametrize("fresh", [True, False])
def test_a_line_that_says_approve_asks_in_the_name_of_the_policy(fresh: bool, card: Disposition) -> None:
    answer = decide(a_question(named(Mode.APPROVE), fresh, card=card))
    assert answer == Decision(Verb.ASK, "the policy says approve")


@pytest.mark.parametrize("fresh", [True, False])
def test_a_default_of_approve_asks_in_the_name_of_the_policy(fresh: bool) -> None:
    assert decide(a_question(Policy(mode=Mode.APPROVE), fresh)) == Decision(Verb.ASK, "the policy says approve")


@pytest.mark.parametrize(("fresh", "since"), [(True, ""), (False, " at first sight")])
def test_a_card_that_asks_for_a_person_does_so_in_its_own_name(fresh: bool, since: str) -> None:
    answer = decide(a_question(fresh=fresh, card=APPROVAL))
    text = f"the catalogue asks for a person before this control is mended{since}"
    assert answer == Decision(Verb.ASK, text)


def test_a_line_that_enforces_does_not_speak_for_first_sight() -> None:
    answer = decide(a_question(named(Mode.ENFORCE), fresh=False, card=APPROVAL))
    assert answer.reason == "the catalogue asks for a person before this control is mended at first sight"


def test_a_line_that_says_approve_at_first_sight_is_the_policy_s_own() -> None:
    policy = named(Mode.ENFORCE, first_sight=Mode.APPROVE)
    assert decide(a_question(policy, fresh=False)).reason == "the policy says approve"


@pytest.mark.parametrize(
    ("risk", "why"),
    [
        (Risk.CUTS_ONLY_DOOR, "it would close the only way into the server"),
        (Risk.NEEDS_RESTART, "it needs a restart of the server"),
        (Risk.ENDS_RECORDING, "it would end the sending of logs"),
        (Risk.WIDENS_ACCESS, "it would let more in than now"),
    ],
)
def test_a_change_that_can_do_harm_is_asked_for_even_where_a_line_enforces(risk: Risk, why: str) -> None:
    change = Change(SETTING, "Enabled", "Disabled", Source.POLICY, risk)
    answer = decide(a_question(named(Mode.ENFORCE), change=change))
    assert answer == Decision(Verb.ASK, f"a person has to approve it: {why}")


@pytest.mark.parametrize("risk", [Risk.SAFE, Risk.MAY_CUT_CLIENTS])
def test_a_change_that_can_be_taken_back_is_made(risk: Risk) -> None:
    change = Change(SETTING, "Enabled", "Disabled", Source.POLICY, risk)
    assert decide(a_question(change=change)).verb is Verb.ACT


# All drifts of a server


@pytest.mark.parametrize(
    ("last_good", "reason"),
    [
        (KNOWN, HELD),
        (NEVER_SEEN, FIRST),
        (LastGood({SETTING: "Enabled"}, frozenset({SERVER})), FIRST),
        # A property that an older Holdfast did not look at was there all the same.
        (LastGood(seen=frozenset({SERVER})), FIRST),
        (LastGood(seen=frozenset({SERVER}), standing=frozenset({SETTING})), FIRST),
    ],
)
def test_a_drift_is_fresh_when_a_good_value_was_known_and_it_changed(last_good: LastGood, reason: str) -> None:
    judge = wants(SETTING, "Disabled", policy=Policy(mode=Mode.AUDIT))
    ((_, answer),) = decide_all(OPEN, [judge], Plan((CLOSE,)), last_good, NOTHING_ELSE)
    assert answer.reason == f"the policy says audit ({reason})"


def test_every_drift_gets_its_own_answer() -> None:
    other = Setting(SettingKind.AUTHENTICATION)
    judges = [wants(SETTING, "Disabled"), wants(other, "none")]
    answers = decide_all(OPEN, judges, Plan((CLOSE,), {other: "not possible"}), KNOWN, NOTHING_ELSE)
    assert [(drift.setting, answer.verb) for drift, answer in answers] == [(SETTING, Verb.ACT), (other, Verb.TELL)]


def test_a_change_is_judged_with_what_it_needs() -> None:
    first = Setting(SettingKind.ADMINISTRATOR, "successor")
    plan = Plan(
        (
            Change(first, None, {"principalName": "a"}, Source.LAST_GOOD, Risk.WIDENS_ACCESS),
            Change(SETTING, "Enabled", "Disabled", Source.POLICY, needs=(first,)),
        )
    )
    ((_, answer),) = decide_all(OPEN, [wants(SETTING, "Disabled")], plan, KNOWN, NOTHING_ELSE)
    assert answer.reason == "a person has to approve it: it would let more in than now"


def test_a_change_elsewhere_does_not_weigh_on_this_drift() -> None:
    elsewhere = Change(Setting(SettingKind.AUTHENTICATION), "a", "b", Source.POLICY, Risk.NEEDS_RESTART)
    ((_, answer),) = decide_all(OPEN, [wants(SETTING, "Disabled")], Plan((elsewhere, CLOSE)), KNOWN, NOTHING_ELSE)
    assert answer.verb is Verb.ACT


def test_a_finding_about_several_settings_is_fresh_when_one_of_them_changed() -> None:
    parts = (Setting(SettingKind.PARAMETER, "never-seen"), SETTING)
    drift = Drift("a-control", Setting(SettingKind.PARAMETER), "2", "1", "too many", parts=parts)
    judge = a_judge(lambda _state, _parameters: (drift,))
    ((_, answer),) = decide_all(OPEN, [judge], Plan((CLOSE,)), KNOWN, NOTHING_ELSE)
    assert answer.verb is Verb.ACT


def test_a_facet_that_was_read_is_not_one_that_was_judged() -> None:
    other = LastGood({}, frozenset({Facet(FacetKind.FIREWALL_RULES)}))
    ((_, answer),) = decide_all(
        OPEN, [wants(SETTING, "Disabled", policy=Policy())], Plan((CLOSE,)), other, NOTHING_ELSE
    )
    assert FIRST in answer.reason


BY_HAND = replace(DRIFT, person="ask the network team")


@pytest.mark.parametrize("mode", [Mode.APPROVE, Mode.ENFORCE])
@pytest.mark.parametrize("fresh", [True, False])
def test_what_only_a_person_can_mend_is_told(mode: Mode, fresh: bool) -> None:
    answer = decide(replace(a_question(Policy(mode=mode), fresh), drift=BY_HAND))
    assert answer == Decision(Verb.TELL, "no write can mend it, a person has to")


@pytest.mark.parametrize("mode", [Mode.AUDIT, Mode.NOTIFY])
def test_of_what_a_person_has_to_mend_no_earlier_value_is_spoken(mode: Mode) -> None:
    answer = decide(replace(a_question(Policy(mode=mode)), drift=BY_HAND))
    assert answer.reason == f"the policy says {mode}"


def test_no_consent_makes_a_write_of_what_only_a_person_can_mend() -> None:
    asked_for = Consent("wish", (CLOSE,), "ivo", Assent.ASKED_FOR)
    for mode in Mode:
        answer = decide(replace(a_question(Policy(mode=mode)), drift=BY_HAND, consent=asked_for))
        assert answer.verb is not Verb.ACT
