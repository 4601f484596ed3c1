"""From drifts to a plan: which value each setting goes back to, checked on paper before anything is sent.

For every setting the last known good value comes first, then what the policy asks for; the first value that no judged
control objects to is taken. The whole plan is then simulated and judged again: a change after which a control that
held would drift is dropped, and the reason is kept.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

from shared.condition import listed, with_neighbours
from shared.control import Case, Change, Drift, Finding, LastGood, Refusal, Remediator, Risk, Source
from shared.policy import Mode, Rule
from shared.risk import risk_of
from shared.state import FacetKind, Setting, SettingKind, State, spoken

# Azure refuses firewall changes while public access is off, so that door is closed late; a lock forbids what comes
# after it.
_ORDER = (
    # A server that stands still takes no other change.
    SettingKind.POWER,
    SettingKind.NEIGHBOUR,
    # Sessions end after the login that would open them anew.
    SettingKind.DATABASE_ROLE,
    SettingKind.ROLE_MEMBERSHIP,
    SettingKind.ROLE_OVERRIDE,
    SettingKind.SCHEMA_GRANT,
    SettingKind.SESSION,
    SettingKind.ROLE_ASSIGNMENT,
    SettingKind.DIAGNOSTIC_SETTING,
    SettingKind.THREAT_PROTECTION,
    SettingKind.ADMINISTRATOR,
    SettingKind.FIREWALL_RULE,
    SettingKind.VIRTUAL_NETWORK_RULE,
    SettingKind.PRIVATE_ENDPOINT,
    SettingKind.VIRTUAL_ENDPOINT,
    SettingKind.PARAMETER,
    SettingKind.SERVER_KEY,
    SettingKind.PROPERTY,
    SettingKind.AUTHENTICATION,
    SettingKind.PUBLIC_ACCESS,
    # What keeps nobody out comes after what does: it may be refused, and then the rest is not tried.
    SettingKind.BACKUP,
    SettingKind.TAG,
    SettingKind.LOCK,
)
_WORST = (
    Risk.SAFE,
    Risk.MAY_CUT_CLIENTS,
    Risk.ENDS_RECORDING,
    Risk.CUTS_ONLY_DOOR,
    Risk.NEEDS_RESTART,
    Risk.WIDENS_ACCESS,
    Risk.IRREVERSIBLE,
)


@dataclass(frozen=True, slots=True)
class Judge:
    """A remediator together with what the policy says about its control.

    `measures` are the ids of those it judges for, where it answers security alerts. Any other does not see `aside`,
    what such measures have changed for a while: it judges the server as it would be without them, so that nobody
    fights over it.
    """

    remediator: Remediator
    rule: Rule
    measures: tuple[str, ...] = ()
    aside: tuple[Change, ...] = ()

    @property
    def id(self) -> str:
        """The control's id."""
        return self.remediator.control.id

    def seen(self, state: State) -> State:
        """The state as this judge sees it."""
        return set_aside(state, self.aside)

    def find(self, state: State) -> Finding:
        """The control's own answer."""
        held = state.judged.get(id(self))
        if held is not None and held[0] is self:
            return held[1]  # type: ignore[return-value]  # what this judge found
        finding = self.remediator.detect(self.seen(state), self.rule.parameters)
        state.judged[id(self)] = self, finding
        return finding

    def drifts(self, state: State) -> tuple[Drift, ...]:
        """The drifts this control finds; none also where it does not apply."""
        finding = self.find(state)
        return finding if isinstance(finding, tuple) else ()


@dataclass(frozen=True, slots=True)
class Plan:
    """Ordered changes, for each setting that cannot be mended the reason, and by key the drifts that come later.

    `measured` are the settings whose change answers a security alert.
    """

    changes: tuple[Change, ...] = ()
    refusals: Mapping[Setting, str] = field(default_factory=dict)
    later: Mapping[str, str] = field(default_factory=dict)
    measured: frozenset[Setting] = frozenset()

    @property
    def undo(self) -> tuple[Change, ...]:
        """The changes that take the plan back, in order."""
        return tuple(change.undo() for change in reversed(self.changes))

    def only(self, settings: Iterable[Setting]) -> "Plan":
        """The part of the plan that touches these settings, with everything it cannot do without."""
        kept = set(settings)
        while more := {need for change in self.changes if change.setting in kept for need in change.needs} - kept:
            kept |= more
        return replace(self, changes=tuple(change for change in self.changes if change.setting in kept))


@dataclass(frozen=True, slots=True)
class _Wish:
    """A change that a control proposes, and how much say it has."""

    judge: Judge
    change: Change
    say: int


def plan_digest(changes: Iterable[Change]) -> str:
    """Stands for exactly these changes, in any order: settings, values before and after, sources, risks."""
    return hashlib.sha256(" ".join(sorted(change.key for change in changes)).encode()).hexdigest()


def make_plan(state: State, judges: Sequence[Judge], last_good: LastGood, silent: frozenset[str] = frozenset()) -> Plan:
    """Plan the way back for everything the judges object to.

    Where several controls want something of one setting, what those who may act want is put together; what the others
    want (`silent`, by the drift's key) goes into a change only where nobody else wants any. A control whose wish is not
    part of the change is looked at again after it.
    """
    wishes: dict[Setting, list[_Wish]] = {}
    refusals: dict[Setting, str] = {}
    for judge in judges:
        drifts = judge.drifts(state)
        if not drifts:
            continue
        proposal = judge.remediator.plan(Case(judge.seen(state), drifts, last_good, judge.rule.parameters))
        if isinstance(proposal, Refusal):
            refusals |= {drift.setting: drift.person or proposal.reason for drift in drifts}
            continue
        refusals |= {drift.setting: drift.person for drift in drifts if drift.person}
        for change in proposal:
            wishes.setdefault(change.setting, []).append(
                _Wish(judge, change, _say(judge, change, drifts, last_good, silent))
            )
    changes, measured = [], set[Setting]()
    set_apart = {change.setting for judge in judges for change in judge.aside}
    for setting, wished in wishes.items():
        most = max(wish.say for wish in wished)
        loudest = [wish for wish in wished if wish.say == most]
        quiet = _quiet(state, setting, judges, loudest)
        chosen = _choose(state, setting, loudest, judges, quiet, last_good)
        if isinstance(chosen, Refusal):
            refusals[setting] = chosen.reason
        else:
            if setting in set_apart:
                # Whoever does not see what stands there now must not have it put back as what was there before.
                chosen = replace(chosen, before=state.value(setting))
            changes.append(_with_risk(state, chosen, [wish.judge for wish in loudest]))
            measured |= {setting} if any(wish.judge.measures for wish in loudest) else set()
    ordered = tuple(sorted(changes, key=lambda change: (_ORDER.index(change.setting.kind), change.after is None)))
    ordered = _needs_first(ordered)
    whole = checked(state, without_orphans(Plan(ordered, refusals, measured=frozenset(measured))), judges)
    return replace(whole, later=_later(state, whole, judges))


def _needs_first(changes: Sequence[Change]) -> tuple[Change, ...]:
    """The changes in their order, but that what one of them cannot do without is made before it."""
    made: dict[Setting, Change] = {}
    by_setting = {change.setting: change for change in changes}
    for change in changes:
        needed = (by_setting[one] for one in change.needs if one in by_setting)
        made |= {one.setting: one for one in (*needed, change) if one.setting not in made}
    return tuple(made.values())


def _say(judge: Judge, change: Change, drifts: Sequence[Drift], last_good: LastGood, silent: frozenset[str]) -> int:
    """How much say a wish has: that of who acts alone, of who asks a person first, of who only looks on."""
    mine = [drift for drift in drifts if change.setting in drift.settings] or drifts
    if all(drift.key in silent for drift in mine):
        return 0
    fresh = last_good.changed_since(change.setting, change.before)
    return 2 if (judge.rule.fresh if fresh else judge.rule.first_sight) is Mode.ENFORCE else 1


def _quiet(state: State, setting: Setting, judges: Sequence[Judge], loudest: Sequence[_Wish]) -> frozenset[str]:
    """Who cannot object to a value, by id: those who object already and are not asked."""
    wishing = {wish.judge.id for wish in loudest}
    return frozenset(one.id for one in judges if one.id not in wishing and _objects(one, state, setting))


def _behind_closed_doors(setting: Setting, judges: Sequence[Judge]) -> str:
    """Whoever does not see that an answer to an alert closed the server may ask for what cannot be done meanwhile."""
    closed = any(change.setting.kind is SettingKind.PUBLIC_ACCESS for judge in judges for change in judge.aside)
    if not closed or setting.kind is not SettingKind.FIREWALL_RULE:
        return ""
    return "public access is off because of an alert, and Azure changes no firewall rules meanwhile"


def _yielding(judges: Sequence[Judge], wishes: Sequence[_Wish]) -> frozenset[str]:
    """Who gives way to an answer to an alert: while it is in force, controls do not see it anyway."""
    answers = any(wish.judge.measures for wish in wishes)
    return frozenset(judge.id for judge in judges if not judge.measures) if answers else frozenset()


def _later(state: State, plan: Plan, judges: Sequence[Judge]) -> dict[str, str]:
    """The drifts whose setting is changed for the sake of another control, so that they still stand after it."""
    if not plan.changes:
        return {}
    before = {drift.key for judge in judges for drift in judge.drifts(state)}
    why = "another control's change of this setting comes first; this is looked at again after it"
    later: dict[str, str] = {}
    for change in plan.changes:
        after = state.with_value(change.setting, change.after)
        still = (drift for judge in judges for drift in judge.drifts(after) if drift.setting == change.setting)
        # What is stored and waits for a restart is what was wanted.
        later |= {drift.key: why for drift in still if drift.key in before and not drift.person}
    return later


def set_aside(state: State, changes: Iterable[Change]) -> State:
    """The state as it would be without these changes, as far as they still stand."""
    for change in changes:
        if change.setting.facet in state.facets() and state.value(change.setting) == change.after:
            state = state.with_value(change.setting, change.before)
    return state


def backwards(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Changes that take others back, in an order in which each can be made: the last kind of setting comes first."""
    latest_first = list(changes)[::-1]
    return tuple(sorted(latest_first, key=lambda change: _ORDER.index(change.setting.kind), reverse=True))


def simulate(state: State, changes: Iterable[Change]) -> State:
    """The state as it would be after the changes."""
    for change in changes:
        state = state.with_value(change.setting, change.after)
    return state


def _choose(
    state: State,
    setting: Setting,
    wishes: Sequence[_Wish],
    judges: Sequence[Judge],
    quiet: frozenset[str],
    last_good: LastGood,
) -> Change | Refusal:
    """The first value that all others accept; of several, one that does as little as can be of what the quiet want:
    their drift is exempt, or waits for a person. An answer to an alert need not please controls, where it cannot."""

    def objectors(change: Change) -> set[str]:
        after = state.with_value(setting, change.after)
        return {judge.id for judge in judges if _objects(judge, after, setting)}

    found = state.value(setting)
    options = [wish.change for wish in wishes]
    # An answer to an alert changes as little as it can; what was good before may let the attacker in.
    if last_good.changed_since(setting, found) and not all(wish.judge.measures for wish in wishes):
        # What a proposal cannot do without, its better value cannot do without either.
        needs = tuple({need: None for wish in wishes for need in wish.change.needs})
        good = with_neighbours(last_good.value(setting), found, [option.after for option in options])
        options.insert(0, Change(setting, found, good, Source.LAST_GOOD, needs=needs))
    reason = "no value of this setting satisfies every control"
    # What is put together is worked out only where no single wish will do.
    everything: Iterable[Change] = chain(options, _folded(state, wishes, last_good))
    yielding = _yielding(judges, wishes)
    if quiet or yielding:
        everything = sorted(
            everything, key=lambda one: (len(objectors(one) & yielding - quiet), -len(objectors(one) & quiet))
        )
    for option in everything:
        obstacle = _behind_closed_doors(setting, judges) or impossible(state, option)
        if obstacle:
            reason = obstacle
        elif objectors(option) <= quiet | yielding:
            return option
    return Refusal(f"{spoken(str(setting))}: {reason}")


def _folded(state: State, wishes: Sequence[_Wish], last_good: LastGood) -> Iterator[Change]:
    """What is wanted together: each in turn proposes on top of what is proposed so far."""
    asking = [wish for wish in wishes if _objects(wish.judge, state, wish.change.setting)]
    for change in (wish.change for wish in asking):
        for _ in asking:
            after = state.with_value(change.setting, change.after)
            judge = next((wish.judge for wish in asking if _objects(wish.judge, after, change.setting)), None)
            if judge is None:
                break
            case = Case(judge.seen(after), judge.drifts(after), last_good, judge.rule.parameters)
            proposal = judge.remediator.plan(case)
            more = [] if isinstance(proposal, Refusal) else [one for one in proposal if one.setting == change.setting]
            if not more:
                break
            change = replace(change, after=more[0].after, needs=tuple(dict.fromkeys((*change.needs, *more[0].needs))))
        yield change


def _objects(judge: Judge, state: State, setting: Setting) -> bool:
    """Whether the judge finds something wrong with the setting that a write can mend."""
    return any(drift.setting == setting and not drift.person for drift in judge.drifts(state))


def without_orphans(plan: Plan) -> Plan:
    """The plan with only those changes whose needs are planned as well; the others are refused."""
    changes, refusals = plan.changes, dict(plan.refusals)
    while orphans := [change for change in changes if set(change.needs) - {other.setting for other in changes}]:
        for change in orphans:
            refusals[change.setting] = (
                f"it cannot be done without {', '.join(map(str, change.needs))}, which is refused"
            )
        changes = tuple(change for change in changes if change not in orphans)
    return replace(plan, changes=changes, refusals=refusals)


def impossible(state: State, change: Change) -> str:
    """Why Azure, or Holdfast, will not make this change; empty where nothing is in the way."""
    if change.setting.inherited:
        return "it was made above the server, and is changed there"
    if change.setting.kind is SettingKind.DATABASE_ROLE and None in (change.before, change.after):
        # What it owns would go with it, and no undo brings it back with its password.
        return "Holdfast neither creates nor drops a role of a database"
    locked = _locked(state, change)
    if locked or change.setting.kind is not SettingKind.PARAMETER:
        return locked
    held = state.parameters.get(change.setting.name)
    if held is None:
        return "the server does not have this parameter"
    if held.read_only:
        return "the parameter is read-only on this server"
    allowed = {word.lower() for word in listed(held.allowed)}
    # A list holds some of the allowed words.
    unknown = {word.lower() for word in listed(str(change.after))} - allowed
    # Azure also writes ranges (`1-10`) and patterns (`[^']*`) there: those it judges itself.
    if allowed and "-" not in held.allowed and not held.allowed.startswith("[") and unknown:
        return f"{change.after} is not among the values this server allows ({held.allowed})"
    return ""


def _locked(state: State, change: Change) -> str:
    """Which lock forbids the change, where the locks were read."""
    deletes = change.after is None and not change.setting.on_server
    forbidding = {"ReadOnly", "CanNotDelete"} if deletes else {"ReadOnly"}
    locks = {} if change.setting.kind is SettingKind.LOCK else state.children.get(FacetKind.LOCKS, {})
    for name, lock in locks.items():
        if lock.get("level") in forbidding:
            return (
                f"the lock {name} ({lock['level']}) forbids it: a person removes the lock, or makes the change by hand"
            )
    return ""


def checked(state: State, plan: Plan, judges: Sequence[Judge]) -> Plan:
    """Drop a plan that would break a control that holds now; half a plan may still be a good one."""
    after = simulate(state, plan.changes)
    without = simulate(state, (change for change in plan.changes if change.setting not in plan.measured))
    seen = ((judge, after if judge.measures else without) for judge in judges)
    broken = [judge.id for judge, then in seen if judge.drifts(then) and not judge.drifts(state)]
    if not broken:
        return plan
    reason = f"the change would break {', '.join(broken)}"
    return replace(plan, changes=(), refusals={**plan.refusals, **{change.setting: reason for change in plan.changes}})


def _with_risk(state: State, change: Change, judges: Sequence[Judge]) -> Change:
    """The worst of what the change shows by itself and what the controls it mends say of their fix."""
    cards = [
        judge.remediator.control
        for judge in judges
        if any(drift.setting == change.setting for drift in judge.drifts(state))
    ]
    said = [card.risk or Risk.SAFE for card in cards]
    return replace(change, risk=max([change.risk, risk_of(state, change), *said], key=_WORST.index))
