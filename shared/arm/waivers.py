"""Azure Policy exemptions in force for a server, and the policy definitions they are about.

learn.microsoft.com, "Policy Exemptions - List For Resource" (2022-07-01-preview; there is no stable version): with
`$filter=atScope()` the list holds those of the resource and of every scope above it, management groups included.
"Azure Policy exemption structure" says what the members mean.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from shared.arm.answers import members, text, texts, unreadable
from shared.arm.assignments import Assignments, Definitions
from shared.arm.client import Call, Pipeline
from shared.arm.pages import pages
from shared.ports import Waiver
from shared.target import Target

API_VERSION = "2022-07-01-preview"
_BUILT_IN = "/providers/microsoft.authorization/policydefinitions/"
_CATEGORIES = ("waiver", "mitigated")
_MAX_REASON = 500


@dataclass(frozen=True, slots=True)
class _Exemption:
    """An exemption as it stands; `only` are the references within an initiative, lower case, empty for all."""

    name: str
    assignment: str
    only: frozenset[str]
    expires_at: datetime | None
    reason: str


class Waivers:
    """Reads the exemptions of one server at a time."""

    def __init__(self, client: Pipeline, clock: Callable[[], datetime]) -> None:
        self._client, self._clock = client, clock
        self._assignments = Assignments(client, clock)

    async def in_force(self, target: Target) -> tuple[Waiver, ...]:
        """Those that have not expired and are understood: none with resource selectors, none that was made without
        checking that its assignment reaches it. Of those only the built-in definitions count."""
        rows = [row async for row in pages(self._client, _list_call(target))]
        exemptions = [one for row in rows if (one := _read(row)) is not None and self._is_in_force(one)]
        if not exemptions:
            return ()
        assigned = await self._assignments.assigned(target, (one.assignment for one in exemptions))
        waivers = [Waiver(one.name, _definitions(one, assigned), one.expires_at, one.reason) for one in exemptions]
        return tuple(sorted((one for one in waivers if one.definitions), key=lambda waiver: waiver.name))

    def _is_in_force(self, exemption: _Exemption) -> bool:
        return exemption.expires_at is None or self._clock() < exemption.expires_at


def _list_call(target: Target) -> Call:
    return Call(
        "GET",
        f"{target.id}/providers/Microsoft.Authorization/policyExemptions",
        API_VERSION,
        "Microsoft.Authorization/policyExemptions/read",
        target.id,
        query={"$filter": "atScope()"},
    )


def _read(row: Mapping[str, Any]) -> _Exemption | None:
    """The exemption, or None for one whose meaning is not known."""
    name = text(row.get("name"), "name of a policy exemption")
    properties = members(row.get("properties"), f"policy exemption {name}")
    if not _is_understood(properties):
        return None
    reason = properties.get("description") or properties.get("displayName")
    return _Exemption(
        name=name,
        assignment=text(properties.get("policyAssignmentId"), f"policyAssignmentId of {name}").lower(),
        only=frozenset(one.lower() for one in texts(properties.get("policyDefinitionReferenceIds"), name)),
        expires_at=_moment(properties.get("expiresOn"), name),
        reason=reason[:_MAX_REASON] if isinstance(reason, str) else "",
    )


def _is_understood(properties: Mapping[str, Any]) -> bool:
    validation = str(properties.get("assignmentScopeValidation") or "Default").lower()
    category = str(properties.get("exemptionCategory")).lower()
    return not properties.get("resourceSelectors") and validation == "default" and category in _CATEGORIES


def _definitions(exemption: _Exemption, assigned: Mapping[str, Definitions]) -> frozenset[str]:
    """The names of the built-in definitions; one of the organisation's own is mapped to no control."""
    only = exemption.only
    exempt = [definition for reference, definition in assigned[exemption.assignment] if _is_among(reference, only)]
    return frozenset(one.removeprefix(_BUILT_IN) for one in exempt if one.startswith(_BUILT_IN))


def _is_among(reference: str, only: frozenset[str]) -> bool:
    # An assignment of a single definition has no references, so none can be left out.
    return not only or not reference or reference in only


def _moment(value: object, name: str) -> datetime | None:
    if value is None:
        return None
    try:
        found = datetime.fromisoformat(text(value, f"expiresOn of {name}"))
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise unreadable(f"expiresOn of {name}", value, "a moment") from error
