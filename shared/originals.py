"""The original of a copy as it is copied: what its own controls object to is not spread.

A source that has drifted has its last good value copied, where that is known and nobody objects to it; else nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from shared.control import Catalogue, LastGood
from shared.copies import followed_by
from shared.memory import Copied
from shared.plan import Judge
from shared.policy import Policy
from shared.ports import Arm, Store
from shared.scene import groups_above
from shared.scope import Place
from shared.select import able, judges_for
from shared.state import ORIGINAL, Facet, FacetKind, Setting, State

PARITY = ("replica-config-parity", "restored-server-config-parity")


def named(facets: Iterable[Facet], copied: Copied | None) -> frozenset[Facet]:
    """The facets, the original with the id of its server where that is known from elsewhere."""
    found = frozenset(facets)
    if copied is None or not copied.in_force or ORIGINAL not in found:
        return found
    return found - {ORIGINAL} | {Facet(FacetKind.ORIGINAL, copied.source)}


def asked_for(copied: Copied | None) -> tuple[str, ...]:
    """The controls that look on because somebody asked for a mirror, whatever the policy says."""
    return PARITY if copied is not None and copied.in_force and copied.by else ()


def recognised(state: State, copied: Copied | None, at: datetime) -> Copied | None:
    """What is known of the server's being a copy, after it was read."""
    if state.server is None:
        return copied
    source = followed_by(state.server)
    if source:
        if copied is None or copied.source.lower() != source.lower() or copied.done_at is not None:
            return Copied(source, at, replica=True)
        return replace(copied, replica=True)
    # A replica that was promoted is nobody's copy any more.
    return None if copied is not None and copied.replica else copied


async def straightened(arm: Arm, store: Store, catalogue: Catalogue, policy: Policy, state: State) -> State:
    """The state with its original as it is copied."""
    original = state.original
    if original is None:
        return state
    last_good = (await store.load(original.target)).memory.last_good()
    groups = await groups_above(arm, policy, original.target)
    place = Place(original.target, original.server.tags if original.server else {}, groups)
    judges = able(judges_for(catalogue, policy, place), original.facets())
    return replace(state, original=straight(original, judges, last_good))


def straight(original: State, judges: Sequence[Judge], last_good: LastGood) -> State:
    """The original with last good values in place of what its judges object to; what has none is withheld."""
    original = replace(original, recalled=last_good.values)
    found = [drift for judge in judges for drift in judge.drifts(original) if not drift.person]
    objections = {setting: drift.control for drift in reversed(found) for setting in drift.settings}
    # What is only part of a finding about several is good by itself.
    wrong = {drift.setting for drift in found}
    withheld: dict[Setting, str] = {}
    for setting, control in objections.items():
        if not last_good.knows(setting):
            withheld |= {setting: f"there {control} objects to it"} if setting in wrong else {}
            continue
        mended = original.with_value(setting, last_good.value(setting))
        if any(drift.setting == setting for judge in judges for drift in judge.drifts(mended)):
            withheld[setting] = f"there {control} objects to it"
        else:
            original = mended
    return replace(original, withheld=withheld)
