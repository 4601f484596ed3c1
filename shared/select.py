"""Which controls a trigger can have broken, and so which facets must be read: as few as possible, never too few."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from weakref import WeakKeyDictionary

from shared.control import Catalogue, Control
from shared.journal import Trigger
from shared.memory import Memory
from shared.outside import ATTACHED, IDENTITY, VAULT, parse_outside
from shared.plan import Judge
from shared.policy import Mode, Policy, Rule
from shared.scope import Place
from shared.state import NEIGHBOURS, ORIGINAL, SERVER, Facet, FacetKind, Setting, SettingKind, State, role_and_name
from shared.target import Kind, parse_target

EVERYTHING = "*"

# What a policy comes to, as long as it is the policy: each look asks for it, and few kinds and sets of scopes exist.
_MOST_KEPT = 1000
_WORKED_OUT: WeakKeyDictionary[Policy, dict[object, tuple[Catalogue, object]]] = WeakKeyDictionary()


def _kept[T](policy: Policy, catalogue: Catalogue, key: object, work_out: Callable[[], T]) -> T:
    known = _WORKED_OUT.setdefault(policy, {})
    held = known.get((id(catalogue), key))
    if held is None:
        if len(known) >= _MOST_KEPT:
            known.clear()
        # The catalogue is kept along: as long as it lives, no other one has its id.
        held = known[id(catalogue), key] = (catalogue, work_out())
    return held[1]  # type: ignore[return-value]  # what was worked out for this key


def controls_for(catalogue: Catalogue, policy: Policy, kind: Kind, asked: Collection[str] = ()) -> tuple[Control, ...]:
    """Every control that speaks about this kind of server and is not switched off everywhere, or is `asked` for."""
    key = ("controls", kind, frozenset(asked))
    return _kept(policy, catalogue, key, lambda: _controls_for(catalogue, policy, kind, asked))


def _controls_for(catalogue: Catalogue, policy: Policy, kind: Kind, asked: Collection[str]) -> tuple[Control, ...]:
    controls = (remediator.control for remediator in catalogue.values() if kind in remediator.control.kinds)
    spoken_of = (control for control in controls if control.id in asked or policy.possible(control))
    return tuple(control.on(kind, *policy.told(control)) for control in spoken_of)


def judges_for(catalogue: Catalogue, policy: Policy, place: Place, asked: Collection[str] = ()) -> tuple[Judge, ...]:
    """Every control that is not switched off here and speaks about this kind of server.

    One that somebody `asked` for looks on although it is off: what it finds is done for who asks for that, too.
    """
    key = ("judges", place.target.kind, policy.standing_at(place), frozenset(asked))
    return _kept(policy, catalogue, key, lambda: _judges_for(catalogue, policy, place, asked))


def _judges_for(catalogue: Catalogue, policy: Policy, place: Place, asked: Collection[str]) -> tuple[Judge, ...]:
    kind, rule_of = place.target.kind, policy.rules(place)
    ruled = [(one, rule_of(one.control)) for one in catalogue.values() if kind in one.control.kinds]
    looking = [
        (one, replace(rule, fresh=Mode.AUDIT, first_sight=Mode.AUDIT))
        if one.control.id in asked and _is_off(rule)
        else (one, rule)
        for one, rule in ruled
    ]
    return tuple(Judge(one.on(kind, rule.parameters), rule) for one, rule in looking if not _is_off(rule))


def facets_to_read(controls: Sequence[Control], triggers: Iterable[Trigger], memory: Memory) -> frozenset[Facet]:
    """The facets that the triggers make us read. A server never seen before is read whole."""
    waiting = list(triggers)
    if waiting and not memory.seen:
        return facets_of(controls)
    is_copy = memory.copied is not None and memory.copied.in_force
    broken = (
        control
        for control in controls
        if any(_may_break(trigger, control) and (is_copy or _may_be_any(trigger, control)) for trigger in waiting)
    )
    # A deleted server is looked for, so that what is remembered of it can be forgotten; an alert may be about one.
    sought = {SERVER} if any(trigger.operation == "delete" or trigger.alert for trigger in waiting) else set()
    return facets_of(broken) | sought


def facets_of(controls: Iterable[Control]) -> frozenset[Facet]:
    """All the facets these controls need."""
    return frozenset(facet for control in controls for facet in control.facets)


def guarded(catalogue: Catalogue, policy: Policy, state: State) -> frozenset[str]:
    """The names, lower case, of the parameters that any control of the policy is about; asked for only where the state
    shows what overrides them."""
    if FacetKind.ROLE_OVERRIDES not in state.children:
        return frozenset()
    facets = facets_of(controls_for(catalogue, policy, state.target.kind))
    return frozenset(role_and_name(facet.name)[1].lower() for facet in facets if facet.kind is FacetKind.PARAMETER)


def able(judges: Sequence[Judge], facets: frozenset[Facet]) -> tuple[Judge, ...]:
    """The judges who can judge with what was read: all of them do, whatever the trigger was.

    A facet judged by half of its controls must not become "last known good".
    """
    return tuple(judge for judge in judges if set(judge.remediator.control.facets) <= facets)


def _may_be_any(trigger: Trigger, control: Control) -> bool:
    """Whether the control is about more than copies, or the trigger may be about the server's becoming one."""
    return ORIGINAL not in control.facets or trigger.operation in (EVERYTHING, "write")


def _is_off(rule: Rule) -> bool:
    return rule.fresh is rule.first_sight is Mode.OFF


def _may_break(trigger: Trigger, control: Control) -> bool:
    if trigger.operation == EVERYTHING:
        return True
    if trigger.outside:
        return _may_break_from_outside(trigger, control)
    if trigger.operation not in control.operations or (_attached(trigger) and _looks_elsewhere(control)):
        return False
    parameters = [facet.name for facet in control.facets if facet.kind is FacetKind.PARAMETER]
    if not parameters or "/" not in trigger.child:
        return True
    kind = parse_target(trigger.target).kind
    held = {Setting(SettingKind.PARAMETER, name).path(kind) for name in parameters}
    collections = {path.partition("/")[0] for path in held}
    return trigger.child in held or trigger.child.partition("/")[0] not in collections


def _may_break_from_outside(trigger: Trigger, control: Control) -> bool:
    """Whether a control looks there. What is deleted is not as it was either; what is attached counts where it hangs,
    and in everything below."""
    kind, _, verb = trigger.operation.rpartition("/")
    if kind not in ATTACHED:
        operations = {trigger.operation, f"{kind}/write"} if verb == "delete" else {trigger.operation}
        return bool(operations & control.operations)
    where = parse_outside(trigger.child)
    hosts = {_HOSTS[facet.kind] for facet in control.facets if facet.kind in _HOSTS}
    return trigger.operation in control.operations and where is not None and any(map(where.bears_on, hosts))


# What the attached things hang on, at which controls look.
_HOSTS = {
    FacetKind.VAULT_LOCKS: VAULT,
    FacetKind.VAULT_DIAGNOSTICS: VAULT,
    FacetKind.VAULT_RIGHTS: VAULT,
    FacetKind.IDENTITY_LOCKS: IDENTITY,
}


def _attached(trigger: Trigger) -> bool:
    """Whether it is about a lock, a role or a log of the server itself."""
    return trigger.child.startswith("providers/")


def _looks_elsewhere(control: Control) -> bool:
    """Whether the control is about such things of others only: a lock of the server is no lock of its vault."""
    return all(facet.kind in NEIGHBOURS or facet == SERVER for facet in control.facets)
