"""A plan as it is shown: one made just now, one that waits for approval, one that takes back another."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shared.approvals import Found
from shared.arm.servers import write_call
from shared.control import Catalogue, Change, LastGood, Risk
from shared.decide import Verb
from shared.deliberate import Outcome
from shared.engine import Preview
from shared.journal import FindingLine
from shared.plan import plan_digest
from shared.ports import Arm
from shared.scribe import finding_line
from shared.sql_rights import WRITES
from shared.state import INSIDE, SettingKind, Value
from shared.target import Target


@dataclass(frozen=True, slots=True)
class Call:
    """One request to Azure, or a statement, which is its own path. A path is below the server, empty for the server
    itself, whole for what is outside it."""

    method: str
    path: str
    permission: str
    settings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is wrong with a server and what would mend it.

    `rules` name for each finding, by control and setting, the line of the policy that decided; `verbs` say by setting
    what is done about it.
    """

    target: Target
    findings: tuple[FindingLine, ...]
    changes: tuple[Change, ...]
    calls: tuple[Call, ...]
    rules: Mapping[tuple[str, str], str] = field(default_factory=dict)
    verbs: Mapping[str, str] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        """Stands for exactly these changes."""
        return plan_digest(self.changes)

    def rule(self, line: FindingLine) -> str:
        """The line of the policy that decided about a finding, empty where none is known."""
        return self.rules.get((line.control, line.setting), "")

    @property
    def restarts(self) -> bool:
        """Whether a change needs a restart of the server, or is one: a replica that is promoted restarts."""
        return any(
            change.risk is Risk.NEEDS_RESTART or change.setting.kind is SettingKind.REPLICATION
            for change in self.changes
        )

    def call_of(self, change: Change) -> Call:
        """The request that makes the change."""
        return next(call for call in self.calls if str(change.setting) in call.settings)


def sheet_of(arm: Arm, catalogue: Catalogue, preview: Preview, last_good: LastGood, changes: Sequence[Change]) -> Sheet:
    """A plan made just now; `changes` are those of its changes that are spoken of."""
    outcome = preview.outcome
    worst_first = sorted(outcome.decided, key=lambda pair: catalogue[pair[0].control].control.severity, reverse=True)
    findings = tuple(finding_line(catalogue, drift, decision) for drift, decision in worst_first)
    target = preview.place.target
    return Sheet(
        target, findings, tuple(changes), calls(arm, target, changes), _rules(outcome, last_good), _verbs(outcome)
    )


def sheet_of_approval(arm: Arm, found: Found) -> Sheet:
    """A plan that waits for a person."""
    changes = found.approval.changes
    return Sheet(found.target, found.approval.report.findings, changes, calls(arm, found.target, changes))


def calls(arm: Arm, target: Target, changes: Sequence[Change]) -> tuple[Call, ...]:
    """The requests that make the changes, in order."""
    return tuple(_call(target, group) for group in arm.requests(target, changes))


def _call(target: Target, group: Sequence[Change]) -> Call:
    settings = tuple(str(change.setting) for change in group)
    if group[0].setting.kind in INSIDE:
        # The driver quotes; it is not needed for anything else that is shown.
        from shared.sql.preview import statements_of

        return Call("SQL", statements_of(group), WRITES[group[0].setting.kind], settings)
    call = write_call(target, group, "")
    return Call(call.method, call.path.removeprefix(target.id), call.permission, settings)


def _rules(outcome: Outcome, last_good: LastGood) -> dict[tuple[str, str], str]:
    rules, found = {judge.id: judge.rule for judge in outcome.judges}, outcome.state.settings()
    lines = {}
    for drift, _ in outcome.decided:
        fresh = any(last_good.changed_since(setting, found.get(setting)) for setting in drift.settings)
        trace = rules[drift.control].traces.get("mode" if fresh else "first_sight")
        lines[drift.control, str(drift.setting)] = trace.where if trace else ""
    return lines


def _verbs(outcome: Outcome) -> Mapping[str, str]:
    """What becomes of each setting: of several drifts, what does most decides."""
    found = {str(setting): decision.verb for drift, decision in outcome.decided for setting in drift.settings}
    return found | {str(change.setting): Verb.ACT for change in outcome.carried_out.changes}


# -- for programs -----------------------------------------------------------------------------------------------------


def plain(sheet: Sheet) -> dict[str, Any]:
    """The sheet as JSON."""
    return {
        "target": sheet.target.id,
        "findings": [_finding(line, sheet.rule(line)) for line in sheet.findings],
        "changes": [_change(change, sheet) for change in sheet.changes],
        "digest": sheet.digest if sheet.changes else "",
        "restart": sheet.restarts,
    }


def _finding(line: FindingLine, rule: str) -> dict[str, Any]:
    return {
        "control": line.control,
        "title": line.title,
        "severity": line.severity,
        "setting": line.setting,
        "found": _plain(line.found),
        "wanted": _plain(line.wanted),
        "why": line.why,
        "decision": line.verb,
        "reason": line.reason,
        "policy": rule,
        **({"by_hand": line.person} if line.person else {}),
    }


def _change(change: Change, sheet: Sheet) -> dict[str, Any]:
    call = sheet.call_of(change)
    return {
        "setting": str(change.setting),
        "before": _plain(change.before),
        "after": _plain(change.after),
        "source": change.source.value,
        "risk": change.risk.value,
        "decision": sheet.verbs.get(str(change.setting), ""),
        "restart": change.risk is Risk.NEEDS_RESTART,
        "needs": [str(setting) for setting in change.needs],
        "method": call.method,
        "path": call.path if call.method == "SQL" else f"{sheet.target.id}{call.path}",
        "permission": call.permission,
    }


def _plain(value: Value) -> object:
    return dict(value) if isinstance(value, Mapping) else value
