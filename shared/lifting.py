"""Taking back what answered an alert for a while, by Holdfast itself, when its time is over.

It goes back to exactly what stood there before, and no further; what has changed since is left alone, and people hear
of it. What another answer still needs stays until that one is over, too.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from shared.answering import close, let_go, note
from shared.control import Change, Source
from shared.incident import answers_of, lines_of, report_of
from shared.journal import NoticeKind, Report, Stage, new_id
from shared.measure import Course, Held, Measure
from shared.measures import held_without, with_measures
from shared.orders import Orders
from shared.plan import Judge, backwards, impossible, set_aside
from shared.policy import Mode
from shared.risk import risk_of
from shared.scene import break_glass, place_under
from shared.scope import Place
from shared.standing import orders_of
from shared.state import SettingKind, State, spoken
from shared.turn import Turn
from shared.writing import write


async def lift(turn: Turn, state: State, place: Place, judges: Sequence[Judge]) -> bool:
    """Take back what is over. Whether anything is being written for it: then everything else waits for another look."""
    ending = [one for answer in turn.ledger.memory.answers for one in answer.measures if one.course is Course.ENDING]
    if not ending:
        return False
    found = _sort_out(turn, state, judges, frozenset(one.id for one in ending))
    if found.changes:
        orders = await orders_of(turn.store)
        why = _not_now(turn, orders, await place_under(turn.arm, turn.policy, place, orders), ending)
        if why:
            found.changes, found.waits = [], [*found.waits, why]
    _release(turn, ending, found)
    if not found.changes:
        return False
    settings = {change.setting for change in found.changes}
    mine = tuple(
        dict.fromkeys(one for held in turn.ledger.memory.held if held.setting in settings for one in held.measures)
    )
    # What else has happened is looked at when this is done.
    turn.ledger.postpone(turn.triggers)
    opened = turn.ledger.begin_lift(mine, backwards(found.changes), _report(turn, mine, found.said))
    # The intent is in the store before the first write leaves.
    await turn.commit(handled=False)
    await write(turn, opened, opened.changes, place, state)
    if turn.ledger.open is None:
        await turn.wake()
    return True


@dataclass(slots=True)
class _Found:
    """What becomes of what is held: it goes back, it is let go (with what people are told), or it has to wait."""

    changes: list[Change] = field(default_factory=list)
    let_go: list[Held] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    waits: list[str] = field(default_factory=list)


def _sort_out(turn: Turn, state: State, judges: Sequence[Judge], ending: frozenset[str]) -> _Found:
    found, memory = _Found(), turn.ledger.memory
    mine = [one for one in memory.held if ending & set(one.measures)]
    opens = any(one.setting.kind is SettingKind.PUBLIC_ACCESS for one in mine)
    # A lock of ours goes first, and then forbids nothing.
    unlocked = set_aside(state, (one.change for one in mine if one.setting.kind is SettingKind.LOCK))
    shared = [one for one in mine if set(one.measures) - ending]
    for held in mine:
        if held in shared:
            found.said.append(f"{spoken(str(held.setting))} stays as it is: another alert still needs it")
        elif held.setting.facet not in state.facets():
            found.waits.append(f"{spoken(str(held.setting))} cannot be seen now")
        else:
            obstacle = impossible(unlocked, Change(held.setting, held.after, held.before, Source.LIFTED))
            _sort(found, held, state, judges, obstacle or _behind_a_door(held, state, opens))
    others = {one.setting: tuple(name for name in one.measures if name not in ending) for one in shared}
    turn.ledger.remember(
        held=tuple(replace(one, measures=others.get(one.setting, one.measures)) for one in memory.held)
    )
    return found


def _behind_a_door(held: Held, state: State, opens: bool) -> str:
    closed = held.setting.kind is SettingKind.FIREWALL_RULE and state.server is not None and state.server.closed
    return "public access is off" if closed and not opens else ""


def _sort(found: _Found, held: Held, state: State, judges: Sequence[Judge], obstacle: str) -> None:
    name, value = spoken(str(held.setting)), state.value(held.setting)
    back = Change(held.setting, held.after, held.before, Source.LIFTED)
    demanding = [judge.id for judge in judges if _demands(judge, state, held)]
    if value == held.before:
        found.let_go.append(held)
    elif value != held.after:
        found.let_go.append(held)
        found.said.append(f"{name} has changed since, and is left alone")
    elif demanding:
        found.let_go.append(held)
        found.said.append(f"{name} stays as it is: {', '.join(demanding)} asks for it by itself")
    elif obstacle:
        found.waits.append(f"{name}: {obstacle}")
    else:
        found.changes.append(replace(back, risk=risk_of(state, back)))


def _demands(judge: Judge, state: State, held: Held) -> bool:
    """Whether the control would change the setting by itself as soon as it were taken back."""
    if judge.measures or judge.rule.fresh is not Mode.ENFORCE:
        return False
    drifts = judge.drifts(state.with_value(held.setting, held.before))
    return any(held.setting in drift.settings and not drift.person for drift in drifts)


def _not_now(turn: Turn, orders: Orders, place: Place, ending: Sequence[Measure]) -> str:
    for control in ("", *(one.response for one in ending)):
        held = orders.hold(place, control)
        if held is not None:
            return f"held by {held.by}: {held.reason}"
    until, _ = break_glass(turn.policy, place, turn.clock())
    return f"a break-glass tag stands on the server until {until:%Y-%m-%d %H:%M} UTC" if until else ""


def _release(turn: Turn, ending: Sequence[Measure], found: _Found) -> None:
    """Let go of what is not written back, and say what people have to know."""
    ledger, ids = turn.ledger, tuple(one.id for one in ending)
    ledger.remember(held=held_without(ledger.memory.held, (one.setting for one in found.let_go)))
    let_go(ledger, ids)
    waits = f"not taken back yet: {'; '.join(found.waits)}" if found.waits else ""
    for measure in ending if waits else ():
        if measure.detail != waits:
            ledger.memory = with_measures(ledger.memory, replace(measure, detail=waits))
            for answer in answers_of(ledger.memory, [measure.id]):
                note(ledger, answer, Stage.DECIDED, f"{measure.response}: {waits}")
    if found.said and not found.changes:
        ledger.announce(_report(turn, ids, found.said), Stage.RESOLVED, NoticeKind.MEASURE_LIFTED)
    close(ledger)


def _report(turn: Turn, measures: Sequence[str], said: Sequence[str]) -> Report:
    """A record of its own about the end of these measures."""
    at, answers = turn.clock(), answers_of(turn.ledger.memory, measures)
    ended = [one for answer in answers for one in answer.measures if one.id in measures]
    why = "; ".join(dict.fromkeys(one.detail for one in ended if one.detail))
    report = report_of(answers, turn.target.id, at, "; ".join(["an answer to an alert ends: " + why, *said]))
    return turn.ledger.placed(replace(report, record=new_id(at), answers=lines_of(answers)))
