"""What is not wrong in a policy, but worth a look: what is about to end, and what has no effect."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from shared.control import Catalogue
from shared.orders import Exemption
from shared.policy import Scope
from shared.policy.spot import Problem
from shared.policy_file.load import Reading
from shared.policy_file.moment import ending_soon
from shared.references import GROUP, IDENTITY
from shared.scope import Place, covers


def remarks(
    reading: Reading, catalogue: Catalogue, at: datetime, fleet: Sequence[Place] | None = None
) -> list[Problem]:
    """All remarks, in the order of the files; those about matching only where the servers are known."""
    found = [*ending_soon(reading.policy, at), *_unused(reading), *_idle(reading, catalogue)]
    if fleet is not None:
        found += _matching_nothing(reading, fleet)
    return sorted(set(found))


def _unused(reading: Reading) -> Iterator[Problem]:
    document, used = reading.document, reading.references.used
    for key, prefix, what in (
        ("address_groups", GROUP, "address group"),
        ("identities", IDENTITY, "identity"),
    ):
        for name in document.data.get(key) or {}:
            if f"{prefix}{name}" not in used:
                yield Problem(document.near((key, name), key=True), f"the {what} {name!r} is used nowhere")
    called = {scope["match"].get("environment") for scope in document.data.get("scopes") or ()}
    for name in document.data.get("environments") or {}:
        if name not in called:
            spot = document.near(("environments", name), key=True)
            yield Problem(spot, f"the environment {name!r} is used nowhere")


def _idle(reading: Reading, catalogue: Catalogue) -> Iterator[Problem]:
    """Scopes and their lines that change nothing."""
    policy, document = reading.policy, reading.document
    for index, scope in enumerate(policy.scopes):
        if not _says_something(scope):
            yield Problem(document.near(("scopes", index)), f"the scope {scope.name!r} says nothing")
        for control in scope.controls:
            if not policy.possible(catalogue[control].control):
                spot = document.near(("scopes", index, "controls", control), key=True)
                yield Problem(spot, f"{control} is off everywhere, so this line has no effect")


def _says_something(scope: Scope) -> bool:
    return scope.mode is not None or scope.first_sight is not None or bool(scope.controls)


def _matching_nothing(reading: Reading, fleet: Iterable[Place]) -> Iterator[Problem]:
    policy, document, places = reading.policy, reading.document, list(fleet)
    matched = {id(scope) for place in places for scope in policy.scopes_at(place)}
    for index, scope in enumerate(policy.scopes):
        if id(scope) not in matched:
            yield Problem(document.near(("scopes", index)), f"the scope {scope.name!r} matches no server")
    for index, exemption in enumerate(policy.exemptions):
        if not any(_matches(exemption, place) for place in places):
            yield Problem(document.near(("exemptions", index)), "the exemption matches no server")


def _matches(exemption: Exemption, place: Place) -> bool:
    return covers(exemption.scope, place) and all(place.tag(name) == value for name, value in exemption.tags.items())
