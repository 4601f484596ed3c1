"""Random policies and places, in a world so small that much of it overlaps."""

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from shared.control import Disposition, Parameters
from shared.policy import ControlPolicy, Delay, Mode, Policy, Scope
from shared.policy_file.document import Document
from shared.policy_file.overlaps import note_overlaps
from shared.scope import MANAGEMENT_GROUP, Place
from shared.target import Kind, Target
from tests.shared.judges import a_control

SUBSCRIPTIONS = tuple(f"{digit * 8}-1111-4111-8111-111111111111" for digit in "12")


class Limits(Parameters):
    maximum: int = 10
    minimum: int = 1


CONTROLS = tuple(
    a_control(id=name, parameters=Limits, fresh=fresh, first_sight=first_sight, optional=optional)
    for name, fresh, first_sight, optional in (
        ("auto", Disposition.AUTO, Disposition.AUTO, False),
        ("careful", Disposition.APPROVAL, Disposition.NOTIFY, False),
        ("optional", Disposition.AUTO, Disposition.AUTO, True),
    )
)
modes = st.none() | st.sampled_from(Mode)
limits = st.builds(
    Limits.model_validate,
    st.fixed_dictionaries({}, optional={name: st.integers(0, 3) for name in Limits.model_fields}),
)
delays = st.builds(Delay, st.integers(0, 2))
control_lines = st.builds(
    ControlPolicy, mode=modes, first_sight=modes, parameters=st.none() | limits, delay=st.none() | delays
)
lines = st.dictionaries(st.sampled_from([control.id for control in CONTROLS]), control_lines, max_size=2)
targets = st.builds(
    Target, st.just(Kind.FLEXIBLE), st.sampled_from(SUBSCRIPTIONS), st.sampled_from(["rg1", "rg2"]), st.just("pg")
)
places = st.builds(
    Place,
    targets,
    st.dictionaries(st.sampled_from(["Env", "team"]), st.sampled_from(["x", "y"]), max_size=2),
    st.lists(st.sampled_from(["a", "b", "c"]), unique=True, max_size=3).map(tuple),
)


def _below(target: Target) -> list[str]:
    subscription = f"/subscriptions/{target.subscription}"
    return [subscription, f"{subscription}/resourcegroups/{target.resource_group}", target.id.lower()]


ids = targets.flatmap(lambda target: st.sampled_from(_below(target))) | st.sampled_from(
    [MANAGEMENT_GROUP + name for name in "abc"]
)
selectors = st.dictionaries(
    st.sampled_from(["env", "team"]), st.frozensets(st.sampled_from(["x", "y"]), min_size=1), min_size=1
)
matches = ids.map(lambda id_: {"scope": id_}) | selectors.map(lambda tags: {"tags": tags})


@st.composite
def scopes(draw: st.DrawFn) -> Scope:
    match: dict[str, Any] = draw(matches)
    return Scope(mode=draw(modes), first_sight=draw(modes), controls=draw(lines), name="s", **match)


def consistent(scopes: list[Scope]) -> tuple[Scope, ...]:
    """Those that a file could hold together: no two of equal rank contradict each other."""
    kept: tuple[Scope, ...] = ()
    for scope in scopes:
        document = Document("p.yaml")
        note_overlaps(document, (*kept, scope))
        kept = kept if document.problems else (*kept, scope)
    return kept


policies = st.builds(
    Policy,
    mode=st.sampled_from(Mode),
    first_sight=modes,
    controls=lines,
    scopes=st.lists(scopes(), max_size=5).map(consistent),
)
lawful = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
