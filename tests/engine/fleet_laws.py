"""What may never happen to a fleet, and what has to be so once the faults have stopped: one function for each law.

`AT_EVERY_WRITE` is asked at the moment in which Azure takes a write, `AFTERWARDS` of a fleet that has come to rest.
Each answers what is wrong, empty where all is well. docs/faults.md lists them.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from shared.control import Change
from shared.decide import Verb
from shared.journal import Entry, Notice, NoticeKind, Stage, decode
from shared.memory import Purpose, Remediation
from shared.orders import Orders, exemption_for
from shared.scope import Place
from shared.state import FirewallRule, Setting, SettingKind, Value
from shared.target import Target
from tests.engine.fleet_azure import LIBRARIES, words

if TYPE_CHECKING:
    from tests.engine.fleet import Fleet

WATCHED = "pg-watched"
# Why a drift may still stand at the end: nobody agreed in time, or somebody said no; the catalogue only tells people of
# it; somebody trusted made it so; Azure refuses while a lock stands, which a person has to lift (the one that Holdfast
# places where somebody agrees is one, too); or a person has to name a successor, because a pipeline that we trust put a
# stranger in the place of a single server's one administrator.
_DEPLOYED = "changed by deploy"
_MAY_STAND = (
    "not approved by ", "the policy says notify (first seen like this", _DEPLOYED, "the lock keep (",
    "the lock holdfast (",
    "no change of this server's settings would mend it", "it would remove the last administrator: ",
)  # fmt: skip


@dataclass(frozen=True)
class Written:
    """One write that Azure took: by which intent, in which orders, and what stood there before and after it."""

    target: Target
    group: Sequence[Change]
    opened: Remediation | None
    orders: Orders
    before: dict[Setting, Value]
    after: dict[Setting, Value]

    @property
    def fix(self) -> bool:
        return self.opened is not None and self.opened.purpose is Purpose.FIX


def is_leased(fleet: "Fleet", written: Written) -> str:
    """Nothing is written by somebody whose lease is over."""
    return "" if fleet.store.is_leased(written.target.id) else "written without a lease"


def is_intended(fleet: "Fleet", written: Written) -> str:
    """Nothing is written whose intent is not in the store, to the letter."""
    intended = {change.key for change in written.opened.changes} if written.opened else set()
    return "" if {change.key for change in written.group} <= intended else "written without an intent"


def is_not_only_watched(fleet: "Fleet", written: Written) -> str:
    """Nothing is mended where the policy only looks on; alerts are answered there too."""
    answers = written.opened is not None and written.opened.measures
    by_itself = written.fix and not answers and written.target.name == WATCHED
    return "written where the policy only watches" if by_itself else ""


def is_not_held(fleet: "Fleet", written: Written) -> str:
    """Nothing is written while somebody holds the server."""
    return "written while held" if written.orders.hold(Place(written.target)) else ""


def is_not_exempt(fleet: "Fleet", written: Written) -> str:
    """Nothing is mended for a control from which the server is exempt."""
    controls = written.opened.controls if written.opened and written.fix else ()
    exempt = [
        one for one in controls if exemption_for(written.orders.exemptions, Place(written.target), one, fleet.clock())
    ]
    return f"written while exempt from {exempt}" if exempt else ""


def is_known(fleet: "Fleet", written: Written) -> str:
    """Nothing is written that was never read: neither a server nor a setting that is unknown."""
    shown = {facet.kind for facet in fleet.arm.shown.get(written.target, ())}
    unknown = [str(change.setting) for change in written.group if change.setting.facet.kind not in shown]
    return f"written without having been read: {unknown}" if unknown else ""


def leaves_neighbours_alone(fleet: "Fleet", written: Written) -> str:
    """No setting changes but those that are written."""
    touched = {change.setting for change in written.group}
    both = written.before.keys() | written.after.keys()
    others = {one for one in both if written.before.get(one) != written.after.get(one)} - touched
    return f"a neighbour's setting was changed: {others}" if others else ""


def keeps_entries(fleet: "Fleet", written: Written) -> str:
    """A list that is mended keeps every entry that stood there, whoever put it there."""
    lost = words(written.before.get(LIBRARIES)) - words(written.after.get(LIBRARIES))
    return f"a list lost {sorted(lost)}" if lost and written.fix else ""


def opens_nothing(fleet: "Fleet", written: Written) -> str:
    """No fix lets more in than before, by firewall rules, the public door, passwords or administrators, unless a person
    has agreed to it."""
    if not written.fix or (written.opened and written.opened.agreed):
        return ""
    pairs = zip(_access(written.before), _access(written.after), strict=True)
    return "more is let in than before" if any(before < after for before, after in pairs) else ""


async def converges(fleet: "Fleet", target: Target) -> str:
    """Every server that nobody exempts is as the policy wants it, or waits for a person who was asked."""
    outcome = (await fleet.engine.preview(target)).outcome
    if outcome.of(Verb.ACT):
        return "something is left to do"
    left = outcome.of(Verb.RECORD, Verb.TELL, Verb.HOLD)
    believed = [drift for drift, decision in left if _DEPLOYED in decision.reason]
    if forged := [str(drift.setting) for drift in believed if (target, drift.setting) not in fleet.deployed]:
        return f"a forged event is believed: {forged}"
    standing = [decision.reason for _, decision in left if not any(why in decision.reason for why in _MAY_STAND)]
    return f"it drifts: {standing}" if standing and target.name != WATCHED else ""


async def is_drained(fleet: "Fleet", target: Target) -> str:
    """No trigger waits, no message waits, no fix is under way, and no wake-up call is overdue."""
    dossier = await fleet.store.load(target)
    left = [name for name in ("triggers", "outbox") if getattr(dossier, name)]
    overdue = [wake for wake in (*fleet.store.reconcile, *fleet.store.deliver) if wake.due <= fleet.clock()]
    return f"left: {left}, {dossier.memory.open}, {overdue}" if left or dossier.memory.open or overdue else ""


async def is_leased_by_nobody(fleet: "Fleet", target: Target) -> str:
    """A minute after the last work anybody can take the lease."""
    fleet.clock.advance(61)
    lease = await fleet.store.acquire(target.id, 15)
    if lease is None:
        return "the lease is held for ever"
    await fleet.store.release(lease)
    return ""


async def measures_are_over(fleet: "Fleet", target: Target) -> str:
    """What answered an alert for some hours is taken back after them."""
    memory = (await fleet.store.load(target)).memory
    return f"still in force: {memory.measures}" if memory.measures or memory.ends else ""


async def each_fix_has_one_chain(fleet: "Fleet", target: Target) -> str:
    """A fix has one record, whose entries count up without a gap: its intent, again
    only where more has joined it, and one end."""
    for record, entries in _records(await fleet.store.history(target, 100_000)).items():
        stages = Counter(entry.stage for entry in entries)
        begun, proven = stages[Stage.INTENDED], stages[Stage.PROVEN]
        # Who could not even look, or undo, says that it failed; nothing was begun then.
        ends = proven + stages[Stage.FAILED] if begun else proven
        # What was told of it has numbers of its own.
        numbers = [entry.number for entry in entries if entry.stage is not Stage.NOTIFIED]
        if numbers != list(range(len(numbers))):
            return f"{record} has a gap: {[(entry.number, entry.stage.value) for entry in entries]}"
        # An alert's record goes on for as long as its answers do, and says in other words what they began and proved.
        answers = any(entry.report.answers for entry in entries)
        intents = [entry.report for entry in entries if entry.stage is Stage.INTENDED]
        repeated = any(one == before for before, one in pairwise(intents))
        most = 1 if begun else len({line.response for entry in entries for line in entry.report.answers})
        if proven > most or (not answers and (repeated or ends != min(begun, 1))):
            return f"{record}: {dict(stages)}"
    return ""


async def each_fix_is_told(fleet: "Fleet", target: Target) -> str:
    """Of each fix somebody is told at least once, and of nothing that is no fix; what could be told to nobody for a day
    lies as a dead letter before an operator."""
    records = _records(await fleet.store.history(target, 100_000))
    proven = {record for record, entries in records.items() if any(one.stage is Stage.PROVEN for one in entries)}
    fixed = (NoticeKind.REMEDIATED, NoticeKind.UNDONE, NoticeKind.MEASURE_LIFTED, NoticeKind.ALERT_RECEIVED)
    of_this = [notice for notice in fleet.receiver.got if notice.report.target == target.id]
    told = {notice.report.record for notice in of_this if notice.kind in fixed}
    claimed = {notice.report.record for notice in of_this if notice.kind is NoticeKind.REMEDIATED}
    # An alert's own record begins nothing; what was done about it is told with the fix, which names the alert.
    named = {line.alert for notice in of_this if notice.kind in fixed for line in notice.report.answers}
    buried = {decode(Notice, one.body).report.record for one in await fleet.store.dead_letters(100_000)}
    untold = {record for record in proven - told - buried if not _alert_of(records[record]) & named}
    return f"untold: {untold}, invented: {claimed - proven}" if untold or claimed - proven else ""


def _alert_of(entries: Sequence[Entry]) -> set[str]:
    begun = any(entry.stage is Stage.INTENDED for entry in entries)
    return set() if begun else {line.alert for entry in entries for line in entry.report.answers}


async def nobody_is_told_twice(fleet: "Fleet", target: Target) -> str:
    """A message comes again only where it was cut short; of no fix there are two messages."""
    of_this = [notice for notice in fleet.receiver.got if notice.report.target == target.id]
    again = sum(count - 1 for count in Counter(notice.id for notice in of_this).values())
    if again > fleet.cut_short:
        return f"told {again} times again, cut short {fleet.cut_short} times"
    fixes = Counter(
        record for _, record in {(one.id, one.report.record) for one in of_this if one.kind is NoticeKind.REMEDIATED}
    )
    twice = [record for record, count in fixes.items() if count > 1]
    return f"told twice: {twice}" if twice else ""


AT_EVERY_WRITE: tuple[Callable[["Fleet", Written], str], ...] = (
    is_leased, is_intended, is_not_only_watched, is_not_held, is_not_exempt, is_known, leaves_neighbours_alone,
    keeps_entries, opens_nothing,
)  # fmt: skip
AFTERWARDS: tuple[Callable[["Fleet", Target], Awaitable[str]], ...] = (
    converges, is_drained, measures_are_over, each_fix_has_one_chain, each_fix_is_told, nobody_is_told_twice,
    is_leased_by_nobody,
)  # fmt: skip


def orders_in_force(fleet: "Fleet") -> Orders:
    """What people have ordered, read past every fault."""
    body = fleet.store.body_of("orders")
    return decode(Orders, body) if body else Orders()


def _records(entries: Sequence[Entry]) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        found.setdefault(entry.record, []).append(entry)
    return found


def _access(settings: dict[Setting, Value]) -> tuple[int, int, int, int]:
    """How much is let in: addresses, the public door, passwords, administrators."""
    values = [value for one, value in settings.items() if one.kind is SettingKind.FIREWALL_RULE]
    rules = (FirewallRule("", one["startIpAddress"], one["endIpAddress"]) for one in values if isinstance(one, dict))
    login = settings.get(Setting(SettingKind.AUTHENTICATION))
    return (
        sum(rule.size for rule in rules),
        settings.get(Setting(SettingKind.PUBLIC_ACCESS)) == "Enabled",
        isinstance(login, dict) and login.get("passwordAuth") == "Enabled",
        sum(one.kind is SettingKind.ADMINISTRATOR for one in settings),
    )
