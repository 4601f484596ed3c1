"""What pages show of a report: ready words, no logic left for the templates."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from shared.control import Risk
from shared.journal import Actor, ChangeLine, FindingLine, Origin, Report, Trigger, Wish
from shared.notify.wording import LONG, moment_words, setting_words, tame, way_words
from shared.state import Setting, SettingKind, place_words
from shared.summaries import key_of
from shared.target import Subject, Target, parse_subject

_PORTAL = "https://portal.azure.com/#@/resource"
RISKS = {
    Risk.SAFE: "safe: it takes nothing from anybody who may connect",
    Risk.MAY_CUT_CLIENTS: "may cut off clients that connect this way now",
    Risk.ENDS_RECORDING: "ends the sending of logs to where they go now",
    Risk.CUTS_ONLY_DOOR: "closes the only way into the server: everybody outside is cut off",
    Risk.NEEDS_RESTART: "needs a restart of the server",
    Risk.WIDENS_ACCESS: "lets more in than now",
    Risk.IRREVERSIBLE: "cannot be taken back",
}
_SOURCES = {
    "last known good": "last known good value: what stood there before the change",
    "policy": "the policy's own value; no earlier good value is known or allowed",
}
# In the order in which a reader has to know of them.
_WARNED_OF = (
    Risk.IRREVERSIBLE,
    Risk.CUTS_ONLY_DOOR,
    Risk.WIDENS_ACCESS,
    Risk.NEEDS_RESTART,
    Risk.ENDS_RECORDING,
    Risk.MAY_CUT_CLIENTS,
)


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and its text; `link` where the text leads somewhere."""

    label: str
    text: str
    link: str = ""


@dataclass(frozen=True, slots=True)
class ShownChange:
    """One step of a plan."""

    setting: str
    before: str
    after: str
    facts: tuple[Fact, ...]
    risky: bool


@dataclass(frozen=True, slots=True)
class ShownFinding:
    """One drift and what was decided about it."""

    title: str
    severity: str
    setting: str
    found: str
    wanted: str
    why: str
    reason: str
    control: str
    by_hand: str


@dataclass(frozen=True, slots=True)
class ShownReport:
    """Everything a page says about a report."""

    server: str
    severity: str
    news: str
    blame: str
    cause: tuple[Fact, ...]
    changes: tuple[ShownChange, ...]
    findings: tuple[ShownFinding, ...]
    warnings: tuple[str, ...]


def shown_report(report: Report) -> ShownReport:
    """The report in words."""
    subject = parse_subject(report.target)
    risks = {line.risk for line in report.changes}
    return ShownReport(
        server=subject.name,
        severity=tame(report.severity),
        news=_news(report),
        blame=_blame(report),
        cause=tuple(_cause(report)),
        changes=tuple(_change(line, subject) for line in report.changes),
        findings=tuple(map(_finding, report.findings)),
        warnings=tuple(f"The plan {RISKS[risk]}." for risk in _WARNED_OF if risk in risks),
    )


def portal_link(target: Target) -> str:
    """Where the server is in the portal."""
    return _PORTAL + quote(target.id)


def server_link(target: Target) -> str:
    """Our own page about the server."""
    return f"/api/servers/{key_of(target)}"


def who(actor: Actor | None) -> str:
    """Somebody's name and what they are."""
    if actor is None:
        return "not known"
    name = tame(actor.name) or tame(actor.object_id) or tame(actor.app_id) or "not known"
    return f"{name} ({tame(actor.kind)})" if actor.kind not in ("", "unknown") else name


def time_left(until: datetime, at: datetime) -> str:
    """How long something still lasts."""
    hours = max(0.0, (until - at).total_seconds()) / 3600
    return f"in {hours:.0f} hours" if hours >= 2 else f"in {hours * 60:.0f} minutes"


def _news(report: Report) -> str:
    settings: Iterable[str] = dict.fromkeys(line.setting for line in report.changes or report.findings)
    first, *others = [setting_words(setting) for setting in settings] or [tame(report.outcome) or "nothing to show"]
    return f"{first} and {len(others)} more" if others else first


def _blame(report: Report) -> str:
    trigger = report.trigger
    if trigger is not None and trigger.request is not None and trigger.request.wish is Wish.FAILOVER:
        # Nobody has changed anything: somebody asks for it, and this says what for.
        return f"{tame(report.outcome, LONG)}."
    if trigger is None or trigger.actor is None or trigger.origin is not Origin.EVENT:
        return "Nobody is known who made the change."
    address = f" from {tame(trigger.actor.ip)}" if trigger.actor.ip else ""
    return f"{who(trigger.actor)} made the change at {moment_words(trigger.at)}{address}."


def _cause(report: Report) -> Iterator[Fact]:
    subject, trigger = parse_subject(report.target), report.trigger
    if isinstance(subject, Target):
        yield Fact("Server", subject.name, server_link(subject))
        yield Fact("In Azure", "open it in the portal", portal_link(subject))
        yield Fact("Where", tame(f"resource group {subject.resource_group}, subscription {subject.subscription}"))
    if trigger is None or trigger.origin is Origin.SWEEP:
        yield Fact("Who", "not known: the regular sweep found it")
        yield Fact("Seen", moment_words(report.at))
        return
    yield from _event(trigger)


def _event(trigger: Trigger) -> Iterator[Fact]:
    actor = trigger.request.by if trigger.request else trigger.actor
    yield Fact("Who", who(actor))
    yield Fact("When", moment_words(trigger.at))
    if actor is not None and actor.ip:
        yield Fact("From", tame(actor.ip))
    if trigger.alert is not None:
        yield Fact("Alert", tame(f"{trigger.alert.title} ({trigger.alert.severity})"), trigger.alert.link)
    if trigger.origin is Origin.EVENT:
        yield Fact("What", tame(f"{trigger.operation.rpartition('/')[2]} of {place_words(trigger.child)}"))
        yield Fact("How sure", _certainty(trigger))
    if trigger.request is not None and trigger.request.reason:
        yield Fact("Reason", tame(trigger.request.reason, LONG))


def _certainty(trigger: Trigger) -> str:
    if trigger.authentic:
        return "Event Grid's own identity vouches for the event"
    return "as the event says; whoever holds the webhook key could have written it"


def _change(line: ChangeLine, subject: Subject) -> ShownChange:
    # A replica that is promoted restarts, whatever else that does.
    restart = line.risk == Risk.NEEDS_RESTART or line.setting == SettingKind.REPLICATION
    before, after = way_words(line.before, line.after)
    return ShownChange(
        setting=setting_words(line.setting),
        before=before,
        after=after,
        facts=(
            Fact("Source of the value", tame(_SOURCES.get(line.source, line.source))),
            Fact("Risk", RISKS[Risk(line.risk)] if line.risk in set(Risk) else tame(line.risk)),
            Fact("Restart", "yes" if restart else "no"),
            Fact("Permission it needs", _permission(line, subject)),
        ),
        risky=line.risk != Risk.SAFE,
    )


def _permission(line: ChangeLine, subject: Subject) -> str:
    from shared.arm.servers import needed_permission

    if line.setting.partition("/")[0] not in set(SettingKind) or not isinstance(subject, Target):
        return "not known"
    return needed_permission(subject.kind, Setting.parse(line.setting), line.after is None)


def _finding(line: FindingLine) -> ShownFinding:
    found, wanted = way_words(line.found, line.wanted)
    return ShownFinding(
        title=tame(line.title) or tame(line.control),
        severity=tame(line.severity),
        setting=setting_words(line.setting),
        found=found,
        wanted=wanted,
        why=tame(line.why, LONG),
        reason=f"{tame(line.reason, LONG)} ({tame(line.where)})" if line.where else tame(line.reason, LONG),
        control=tame(line.control),
        by_hand=tame(line.person, LONG),
    )
