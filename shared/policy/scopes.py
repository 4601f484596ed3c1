"""Parts of the fleet with lines of their own, and which of them count at a place.

From general to specific, the later one wins:

    the policy itself < management group < subscription < resource group < tags < server

Of two management groups the one nearer to the server wins; of two tag selectors (an environment is one) the one that
asks for more tags. What a scope leaves out comes from the next more general one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby

from shared.policy.layer import Layer
from shared.scope import MANAGEMENT_GROUP, Place

type Tags = Mapping[str, frozenset[str]]
"""By lower-case name of a tag, the values of which it must have one."""


@dataclass(frozen=True, slots=True, eq=False)
class Scope(Layer):
    """A level that holds below the ARM id `scope`, or, where that is empty, for servers with these `tags`."""

    name: str = ""
    scope: str = ""
    tags: Tags = field(default_factory=dict)


def disjoint(one: Tags, other: Tags) -> bool:
    """Whether no server can match both."""
    return any(not values & other[name] for name, values in one.items() if name in other)


class ScopeIndex:
    """Finds the scopes of a place without asking every one of them."""

    def __init__(self, scopes: Iterable[Scope]) -> None:
        self._by_id: dict[str, tuple[Scope, ...]] = {}
        # A selector is found by its first tag, then asked about the others.
        self._by_tag: dict[tuple[str, str], list[tuple[int, Scope]]] = {}
        for number, scope in enumerate(scopes):
            if scope.scope:
                self._by_id[scope.scope] = (*self._by_id.get(scope.scope, ()), scope)
            for name, values in list(scope.tags.items())[:1]:
                for value in values:
                    self._by_tag.setdefault((name, value), []).append((number, scope))

    def levels(self, place: Place) -> tuple[tuple[Scope, ...], ...]:
        """The scopes that hold here, from general to specific; those of equal rank together."""
        target = place.target
        subscription = f"/subscriptions/{target.subscription}"
        above = [MANAGEMENT_GROUP + name for name in reversed(place.management_groups)]
        ids = (*above, subscription, f"{subscription}/resourcegroups/{target.resource_group}")
        by_tags = (tuple(equal) for _, equal in groupby(self._tagged(place), key=lambda scope: len(scope.tags)))
        by_id = (self._by_id.get(scope, ()) for scope in ids)
        levels = (*by_id, *by_tags, self._by_id.get(target.id.lower(), ()))
        return tuple(level for level in levels if level)

    def _tagged(self, place: Place) -> list[Scope]:
        """The scopes whose every tag the server has, those that ask for few tags first, else as they were written."""
        own = {name.lower(): value for name, value in place.tags.items()}
        near = (found for tag in own.items() for found in self._by_tag.get(tag, ()))
        matching = (pair for pair in near if all(own.get(name) in values for name, values in pair[1].tags.items()))
        return [scope for _, scope in sorted(matching, key=lambda pair: (len(pair[1].tags), pair[0]))]
