"""The owner's own test cases: a server as it is found, and what the policy is expected to make of it.

What a case does not expect is not compared.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path as FilePath
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from shared.control import Catalogue, Change
from shared.decide import Decided, Verb
from shared.deliberate import Outcome
from shared.policy import Policy
from shared.policy.words import Frozen, Some
from shared.policy_file.document import Document
from shared.policy_file.sheet_exemptions import instant
from shared.policy_file.wording import nearest
from shared.policy_servers import PlaceSheet, ServerId, StateSheet, range_of, read_document, refuse_problems, validated
from shared.policy_trial import Situation, outcome_of
from shared.references import Ids
from shared.state import SettingKind, Value
from shared.target import Kind, Target

_SOME_SERVER = Target(Kind.FLEXIBLE, "00000000-0000-4000-8000-000000000000", "any", "any").id
_Moment = Annotated[datetime, BeforeValidator(instant)]


def _normal(values: object) -> object:
    """The values in the one form in which they are compared."""
    if not isinstance(values, dict):
        return values
    for setting in values:
        if setting.partition("/")[0] not in set(SettingKind):
            raise ValueError(f"unknown setting {setting[:100]!r}; {nearest(setting, _SETTINGS)}")
    return {setting: _one_form(setting, value) for setting, value in values.items()}


def _one_form(setting: str, value: object) -> object:
    match value:
        case None:
            return value_text(None)
        case bool() | int() | float():
            return str(value).lower()
        case str() if setting.startswith(SettingKind.FIREWALL_RULE):
            start, end = range_of(value)
            return value_text({"startIpAddress": start, "endIpAddress": end})
    return value


_ALONE = (SettingKind.PUBLIC_ACCESS, SettingKind.AUTHENTICATION, SettingKind.POWER, SettingKind.SERVER_KEY)
_SETTINGS = [kind.value if kind in _ALONE else f"{kind}/NAME" for kind in SettingKind]
_Values = Annotated[Mapping[str, str], BeforeValidator(_normal)]


class ActorSheet(Frozen):
    """Who made the change; in a case that is taken to be confirmed."""

    ids: Ids


class ExpectSheet(Frozen):
    """What is expected. `plan` is what would mend the drift, `writes` what is written now; both `setting: after`.

    `reasons` are pieces of the reasons for the decisions.
    """

    drift: tuple[str, ...] | None = None
    decisions: Mapping[str, Verb] = Field(default_factory=dict)
    reasons: Mapping[str, str] = Field(default_factory=dict)
    plan: _Values | None = None
    writes: _Values | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError(f"a case expects something: {', '.join(ExpectSheet.model_fields)}")
        return self


class Case(PlaceSheet):
    """One case. Without `known_good` the server is seen for the first time; `{}` says that it was always like this."""

    name: Annotated[str, Field(min_length=1, max_length=200)]
    id: ServerId = _SOME_SERVER
    state: StateSheet
    known_good: StateSheet | None = None
    actor: ActorSheet | None = None
    at: _Moment | None = None
    drifting_since: _Moment | None = None
    expect: ExpectSheet


class CaseFile(Frozen):
    """A file of cases. `policy` names the policy they are about, relative to the file."""

    policy: str = ""
    cases: Annotated[tuple[Case, ...], Some]


@dataclass(frozen=True, slots=True)
class Difference:
    """What was expected, and what came."""

    what: str
    expected: str
    got: str


@dataclass(frozen=True, slots=True)
class Result:
    """How a case ended: well where nothing differs."""

    case: Case
    differences: tuple[Difference, ...]


def read_cases(path: FilePath, catalogue: Catalogue) -> CaseFile:
    """The cases of a file. Raises BadFile."""
    document = read_document(path)
    sheet = validated(document, CaseFile)
    for index, case in enumerate(sheet.cases):
        _note_unknown(document, index, case, catalogue)
    refuse_problems(document)
    return sheet


def judge_case(policy: Policy, catalogue: Catalogue, case: Case, now: datetime) -> Outcome:
    """What the policy makes of the case. `now` counts where the case names no moment."""
    actor = frozenset(case.actor.ids) if case.actor else frozenset()
    situation = Situation(case.place, case.state, case.at or now, case.known_good, actor, case.drifting_since)
    return outcome_of(policy, catalogue, situation)


def run_case(policy: Policy, catalogue: Catalogue, case: Case, now: datetime) -> Result:
    """Judge the case and compare."""
    outcome = judge_case(policy, catalogue, case, now)
    return Result(case, tuple(_differences(case.expect, outcome)))


def _note_unknown(document: Document, index: int, case: Case, catalogue: Catalogue) -> None:
    expect = case.expect
    for number, control in enumerate(expect.drift or ()):
        if control not in catalogue:
            text = f"unknown control {control[:100]!r}; {nearest(control, catalogue)}"
            document.note(("cases", index, "expect", "drift", number), text)
    for key in ("decisions", "reasons"):
        for control in getattr(expect, key):
            if control not in catalogue:
                text = f"unknown control {control[:100]!r}; {nearest(control, catalogue)}"
                document.note(("cases", index, "expect", key, control), text, key=True)


def _differences(expect: ExpectSheet, outcome: Outcome) -> Iterator[Difference]:
    if expect.drift is not None:
        drifting = {drift.control for drift, _ in outcome.decided}
        yield from _unlike("drift", _listed(set(expect.drift)), _listed(drifting))
    for control, verb in expect.decisions.items():
        yield from _unlike(f"decision on {control}", verb, _verbs(outcome.decided, control))
    for control, piece in expect.reasons.items():
        reasons = " | ".join(_reasons(outcome.decided, control)) or "nothing"
        if piece not in reasons:
            yield Difference(f"reason for {control}", f"… {piece} …", reasons)
    if expect.plan is not None:
        yield from _changes("plan", expect.plan, outcome.plan.changes)
    if expect.writes is not None:
        yield from _changes("writes", expect.writes, outcome.carried_out.changes)


def _unlike(what: str, expected: str, got: str) -> Iterator[Difference]:
    if expected != got:
        yield Difference(what, expected, got)


def _listed(words: Iterable[str]) -> str:
    return ", ".join(sorted(words)) or "nothing"


def _verbs(decided: Iterable[Decided], control: str) -> str:
    return _listed({decision.verb.value for drift, decision in decided if drift.control == control})


def _reasons(decided: Iterable[Decided], control: str) -> list[str]:
    return list(dict.fromkeys(decision.reason for drift, decision in decided if drift.control == control))


def _changes(what: str, expected: Mapping[str, str], changes: Iterable[Change]) -> Iterator[Difference]:
    got = {str(change.setting): value_text(change.after) for change in changes}
    for setting in sorted(got.keys() | expected.keys()):
        yield from _unlike(f"{what} {setting}", expected.get(setting, "unchanged"), got.get(setting, "unchanged"))


def value_text(value: Value) -> str:
    """A setting's value as cases write it."""
    match value:
        case None:
            return "absent"
        case {"startIpAddress": start, "endIpAddress": end}:
            return start if start == end else f"{start} - {end}"
        case {"principalName": name}:
            return name
        case str():
            return value
    return ", ".join(f"{name} {text}" for name, text in value.items())
