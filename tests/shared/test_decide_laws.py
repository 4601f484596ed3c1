"""Laws of deciding, over anything that can bear on a drift: steps only say no, and only silence lets us write."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.control import Change, Disposition, Drift, Risk, Source
from shared.decide import STEPS, Question, Verb, decide
from shared.memory import Acceptance, Assent, Consent, Denial
from shared.orders import Exemption, Hold, exemption_for
from shared.policy import ControlPolicy, Delay, Mode, Policy
from shared.ports import Waiver
from shared.scope import Place
from shared.state import Setting, SettingKind
from tests.builders import NOON, a_target
from tests.shared.judges import a_control

SETTING = Setting(SettingKind.PUBLIC_ACCESS)
HERE = Place(a_target())
DRIFT = Drift("a-control", SETTING, "Enabled", "Disabled", "open")
EXEMPTION = Exemption("e", "", (), "a migration", "owner", NOON + timedelta(days=1))
HOLD = Hold("h", "", "an investigation", "alice", NOON)

changes = st.builds(
    Change,
    st.just(SETTING),
    st.just("Enabled"),
    st.just("Disabled"),
    st.sampled_from([Source.LAST_GOOD, Source.POLICY]),
    st.sampled_from(Risk),
)
consents = st.builds(Consent, st.just("c"), st.just(()), st.just("bob"), st.sampled_from(Assent))
# Each of these forbids; which of them a question carries is up to chance.
FORBIDDING: Mapping[str, Any] = {
    "exemption": EXEMPTION,
    "waiver": Waiver("w", frozenset({"a"})),
    "break_glass_until": NOON + timedelta(hours=1),
    "ours": True,
    "acceptance": Acceptance("Enabled", "pipeline", NOON, "a trusted identity changed it"),
    "unconfirmed_until": NOON + timedelta(minutes=1),
    "hold": HOLD,
    "refusal": "not possible",
}


@st.composite
def questions(draw: st.DrawFn) -> Question:
    card = draw(st.sampled_from(Disposition))
    delay = draw(st.none() | st.builds(Delay, hours=st.sampled_from([1, 24])))
    modes = st.none() | st.sampled_from(Mode)
    own = ControlPolicy(mode=draw(modes), first_sight=draw(modes), delay=delay)
    policy = Policy(mode=draw(st.sampled_from(Mode)), controls={"a-control": own})
    control = a_control(fresh=card, first_sight=card)
    forbidding = {name: value for name, value in FORBIDDING.items() if draw(st.integers(0, 9)) == 0}
    return Question(
        control=control,
        drift=DRIFT,
        fresh=draw(st.booleans()),
        rule=policy.rule(control, HERE),
        changes=draw(st.tuples(changes) | st.just(())),
        place=HERE,
        at=NOON,
        consent=draw(st.none() | consents),
        denial=draw(st.none() | st.just(Denial("bob", NOON))),
        waits_since=draw(st.none() | st.sampled_from([NOON, NOON - timedelta(hours=30)])),
        fixed=draw(st.integers(0, 5)),
        **{"refusal": "", **forbidding},
    )


def writes(question: Question) -> bool:
    return decide(question).verb is Verb.ACT


@given(questions(), st.permutations(STEPS))
def test_no_order_of_the_steps_changes_whether_we_may_write(question: Question, order: list[Any]) -> None:
    assert (decide(question, order).verb is Verb.ACT) == writes(question)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
@given(question=questions())
def test_no_step_ever_says_yes(step: Any, question: Question) -> None:
    answer = step(question)
    assert answer is None or answer.verb is not Verb.ACT


@given(questions())
def test_we_write_only_where_every_step_is_silent(question: Question) -> None:
    assert writes(question) == all(step(question) is None for step in STEPS)


@pytest.mark.parametrize("fact", FORBIDDING)
@given(question=questions())
def test_whatever_forbids_is_stronger_than_anybody_s_consent(fact: str, question: Question) -> None:
    assert not writes(replace(question, **{fact: FORBIDDING[fact]}))


@given(questions())
def test_taking_a_consent_away_never_lets_us_write(question: Question) -> None:
    if not writes(question):
        assert not writes(replace(question, consent=None, denial=question.denial))


@given(questions())
def test_a_denial_never_lets_us_write(question: Question) -> None:
    if not writes(question):
        assert not writes(replace(question, denial=Denial("bob", NOON)))


@given(questions(), st.sampled_from([Risk.CUTS_ONLY_DOOR, Risk.NEEDS_RESTART, Risk.WIDENS_ACCESS, Risk.ENDS_RECORDING]))
def test_without_a_consent_nothing_risky_is_written(question: Question, risk: Risk) -> None:
    risky = Change(SETTING, "Enabled", "Disabled", Source.POLICY, risk)
    assert not writes(replace(question, consent=None, changes=(risky,)))


@given(questions())
def test_without_a_consent_nothing_is_written_where_the_policy_only_watches_or_asks(question: Question) -> None:
    if question.mode is not Mode.ENFORCE:
        assert not writes(replace(question, consent=None))


@given(questions())
def test_an_approval_counts_only_where_the_policy_still_has_us_ask_or_act(question: Question) -> None:
    approved = Consent("c", question.changes, "bob", Assent.APPROVED)
    if question.mode.rank < Mode.APPROVE.rank:
        assert not writes(replace(question, consent=approved))


@given(questions())
def test_the_same_question_has_the_same_answer_and_every_answer_a_reason(question: Question) -> None:
    assert decide(question) == decide(question)
    assert decide(question).reason.strip()


moments = st.integers(-100, 100).map(lambda hours: NOON + timedelta(hours=hours))


@given(st.lists(moments, max_size=5), moments)
def test_an_expired_exemption_is_no_exemption(ends: list[datetime], at: datetime) -> None:
    found = exemption_for([replace(EXEMPTION, id=str(end), expires_at=end) for end in ends], HERE, "a-control", at)
    alive = [end for end in ends if end > at]
    assert (found.expires_at if found else None) == max(alive, default=None)
