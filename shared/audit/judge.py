"""Judging one server: every control that was asked for gets an answer, with the evidence and what would come of it.

Pure: data in, data out.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache

from shared.arm.neighbours import read_calls
from shared.arm.servers import lists_parameters, parameters_call, read_call
from shared.audit.finding import Fault, Finding, Report, Status
from shared.audit.survey import Survey
from shared.audit.watch import Witness, asked_for
from shared.control import Drift, LastGood, NotApplicable
from shared.control import Finding as Found
from shared.copies import COMPARED
from shared.decide import Circumstances, Decision, waiver_for
from shared.deliberate import Outcome, deliberate
from shared.errors import Forbidden, NotOpened, Retry, Stop
from shared.notify.wording import moment_words, setting_words, value_words
from shared.orders import exemption_for
from shared.plan import Judge, Plan, make_plan
from shared.policy import Mode
from shared.select import able
from shared.sql_rights import READS
from shared.standards import frameworks
from shared.state import DATABASE_FACETS, NEIGHBOURS, ORIGINAL, Facet, FacetKind, State
from shared.web.shown import RISKS

type Decide = Callable[[Judge, Drift], tuple[Plan, Decision | None]]


def audited(
    survey: Survey, judges: Sequence[Judge], known: Circumstances, last_good: LastGood, unplaced: Retry | Stop | None
) -> Report:
    """The answers of all these controls. `unplaced` is set where it could not be found out which policy holds here."""
    state, witness = survey.state, Witness(survey.state)
    decide = _deciding(state, judges, known, last_good)
    calls = calls_for(state, (facet for judge in judges for facet in judge.remediator.control.facets))
    findings = []
    for judge in judges:
        bare = _bare(judge, state, known, calls)
        errors = [survey.errors[facet] for facet in judge.remediator.control.facets if facet in survey.errors]
        if unplaced is not None:
            errors.insert(0, unplaced)
        if not errors:
            bare = replace(bare, evidence=(*witness.evidence_of(judge), *asked_for(judge)))
        findings.append(_unread(bare, errors) if errors else _answer(bare, judge.find(state), judge, decide))
    return Report(state.target, tuple(sorted(findings, key=worst_first)))


def worst_first(finding: Finding) -> tuple[int, int, str]:
    """The order in which a person reads findings."""
    return finding.status.rank, -finding.control.severity, finding.control.id


def calls_for(state: State, facets: Iterable[Facet]) -> dict[Facet, tuple[str, ...]]:
    """The requests that show each facet; for what stands outside the server, as far as the state says where it is."""
    read = frozenset(facets)
    listed = lists_parameters(facet.name for facet in read if facet.kind is FacetKind.PARAMETER)
    found = {}
    for facet in read:
        if facet == ORIGINAL:
            found[facet] = _calls_of_copy(state)
            continue
        if facet.kind in DATABASE_FACETS:
            found[facet] = (READS[facet.kind],)
            continue
        if facet.kind in NEIGHBOURS:
            # Resource Graph has told where the vaults are.
            paths = state.children.get(facet.kind, {}) if facet.kind is FacetKind.VAULTS else None
            calls = read_calls(facet.kind, state, paths)
        elif facet.kind is FacetKind.PARAMETER and listed:
            calls = [parameters_call(state.target)]
        else:
            calls = [read_call(state.target, facet)]
        found[facet] = tuple(f"{call.method} {call.address}" for call in calls)
    return found


def _calls_of_copy(state: State) -> tuple[str, ...]:
    """The requests that show a copy and its original, which are asked for the same."""
    if state.original is None:
        return ()
    both = (state, state.original)
    return tuple(call for one in both for calls in calls_for(one, COMPARED[one.target.kind]).values() for call in calls)


def _bare(judge: Judge, state: State, known: Circumstances, calls: Mapping[Facet, tuple[str, ...]]) -> Finding:
    """What is known before the control is asked."""
    control = judge.remediator.control
    return Finding(
        target=state.target,
        control=control,
        status=Status.PASS,
        mode=judge.rule.fresh,
        first_sight=judge.rule.first_sight,
        exemption=_exemption(judge, known),
        calls=tuple(dict.fromkeys(call for facet in control.facets for call in calls[facet])),
        at=state.at,
        frameworks=frameworks(control),
    )


def _exemption(judge: Judge, known: Circumstances) -> str:
    control = judge.remediator.control
    exemption = exemption_for(known.exemptions, known.place, control.id, known.at)
    if exemption is not None:
        by = ", ".join(filter(None, (exemption.owner, exemption.ticket)))
        return f"until {moment_words(exemption.expires_at)} ({by}): {exemption.reason}"
    waiver = waiver_for(known.waivers, control, known.at)
    if waiver is None:
        return ""
    ends = f"until {moment_words(waiver.expires_at)}" if waiver.expires_at else "without an end"
    return f"{ends} by the Azure Policy exemption {waiver.name}"


def _unread(bare: Finding, errors: Sequence[Retry | Stop]) -> Finding:
    if all(isinstance(error, NotOpened) for error in errors):
        # Nothing was asked, either.
        return replace(bare, status=Status.MANUAL, reason=f"not seen: {errors[0]}", at=None, calls=())
    reasons = dict.fromkeys(f"{type(error).__name__}: {error}" for error in errors)
    missing = dict.fromkeys(error.permission for error in errors if isinstance(error, Forbidden) and error.permission)
    return replace(bare, status=Status.ERROR, reason="; ".join(reasons), missing=", ".join(missing), at=None)


def _answer(bare: Finding, found: Found, judge: Judge, decide: Decide) -> Finding:
    unobserved = bare.control.unobserved
    if isinstance(found, NotApplicable):
        if unobserved:
            return replace(bare, status=Status.MANUAL, reason=unobserved)
        return replace(bare, status=Status.NOT_APPLICABLE, reason=found.reason)
    if not found:
        return bare
    faults = tuple(_fault(drift, *decide(judge, drift)) for drift in found)
    if unobserved:
        return replace(bare, status=Status.MANUAL, reason=unobserved, faults=faults)
    if bare.exemption:
        return replace(bare, status=Status.EXEMPT, reason=f"exempt {bare.exemption}", faults=faults)
    return replace(bare, status=Status.FAIL, faults=faults)


def _fault(drift: Drift, plan: Plan, decision: Decision | None) -> Fault:
    return Fault(
        setting=str(drift.setting),
        found=drift.found,
        wanted=drift.wanted,
        why=drift.why,
        remedy=_remedy(drift, plan),
        decision=decision.reason if decision else "",
        verb=decision.verb.value if decision else "",
    )


def _remedy(drift: Drift, plan: Plan) -> str:
    """One sentence: what mends it."""
    if drift.person:
        return drift.person
    refusal = plan.refusals.get(drift.setting)
    if refusal:
        return f"Holdfast cannot mend it: {refusal}"
    changes = plan.only(drift.settings).changes
    if not changes:
        return "no change of this server's settings would mend it"
    steps = (
        f"{setting_words(str(one.setting))}: {value_words(one.before)} → {value_words(one.after)}" for one in changes
    )
    risks = dict.fromkeys(RISKS[one.risk] for one in changes)
    return f"{'; '.join(steps)} ({'; '.join(risks)})"


def _deciding(state: State, judges: Sequence[Judge], known: Circumstances, last_good: LastGood) -> Decide:
    """What mends a drift, and what the engine would do about it: nothing where the policy switches the control off."""

    @cache
    def together() -> Outcome:
        on = [judge for judge in judges if not _is_off(judge)]
        return deliberate(state, able(on, state.facets()), last_good, known)

    @cache
    def alone(judge_id: str) -> Plan:
        return make_plan(state, [judge for judge in judges if judge.id == judge_id], last_good)

    def decide(judge: Judge, drift: Drift) -> tuple[Plan, Decision | None]:
        if _is_off(judge):
            return alone(judge.id), None
        decided = (decision for found, decision in together().decided if found.key == drift.key)
        return together().plan, next(decided, None)

    return decide


def _is_off(judge: Judge) -> bool:
    return judge.rule.fresh is judge.rule.first_sight is Mode.OFF
