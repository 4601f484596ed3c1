"""Private endpoint connections as a server sees them: approved, rejected, removed; and what they can connect to.

They come into being with a Microsoft.Network/privateEndpoints, so PUT answers 404 for one that is not there.
"""

from collections.abc import Callable
from dataclasses import dataclass

from emulator.arm.call import Answer
from emulator.arm.operations import Polls
from emulator.arm.registry import Nothing, Outcome, Request, ResourceType
from emulator.arm.store import Resource
from emulator.body import Body, dig
from emulator.errors import ArmError, child_not_found, invalid_value
from emulator.resources.answers import item, page
from emulator.resources.family import Family, accepted
from emulator.resources.locations import LOCATIONS

_KIND = "privateEndpointConnections"
_STATE = "privateLinkServiceConnectionState"
_DECISIONS = {
    "Approved": "ApproveElasticServerPrivateEndpointConnection",
    "Rejected": "RejectElasticServerPrivateEndpointConnection",
}
POLLS = Polls(
    status="privateEndpointConnectionAzureAsyncOperation",
    result="privateEndpointConnectionOperationResults",
    in_group=True,
)


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The connections and link resources of one family of servers."""

    family: Family
    versions: tuple[str, ...]
    polls: Polls
    links: Callable[[Resource], list[Body]]  # what an endpoint of a server can connect to: name and properties
    created: Callable[[Body], Answer] | None = None  # PUT's answer; None: 202 with the operation's name

    def types(self) -> tuple[ResourceType, ...]:
        """Return the resource types."""
        connections, links = f"{self.family.name}/{_KIND}", f"{self.family.name}/privateLinkResources"
        writes = {"PUT": self._put, "DELETE": self._delete}
        return (
            ResourceType(
                connections, self.versions, get=self._get, list=self._list, writes=writes, locations=LOCATIONS
            ),
            ResourceType(links, self.versions, get=self._link, list=self._links, locations=LOCATIONS),
        )

    def _get(self, request: Request) -> Answer:
        return Answer(200, item(self.family.child(request, _KIND)))

    def _list(self, request: Request) -> Answer:
        return page([item(one) for one in self.family.children(request, _KIND)])

    def _put(self, request: Request) -> Outcome:
        server = self.family.idle(request)
        found = self.family.child(request, _KIND)
        decision = dig(request.body, f"properties.{_STATE}.status")
        if decision not in _DECISIONS:
            raise invalid_value(_STATE)
        if dig(found.properties, f"{_STATE}.status") != "Pending":
            text = "Private Endpoint Connection Status is not Pending"
            raise ArmError(400, "PrivateEndpointConnectionStatusNotPending", text)
        why = dig(request.body, f"properties.{_STATE}.description") or ""

        def apply() -> None:
            found.properties[_STATE] = {"status": decision, "description": why, "actionsRequired": "None"}

        created = self.created
        answer = (lambda: created(item(found))) if created else None
        return accepted(server, _DECISIONS[decision], apply, self.polls, answer)

    def _delete(self, request: Request) -> Outcome:
        server = self.family.idle(request)
        found = self.family.find_child(request, _KIND)
        if found is None:
            return Nothing()
        operation = "DropElasticServerPrivateEndpointConnection"
        answer = (lambda: Answer(202, {})) if self.created else None
        return accepted(server, operation, lambda: request.world.store.remove(found.id), self.polls, answer)

    def _links(self, request: Request) -> Answer:
        return page(self._described(request))

    def _link(self, request: Request) -> Answer:
        for one in self._described(request):
            if one["name"].lower() == request.name.lower():
                return Answer(200, one)
        raise child_not_found(f"{self.family.name}/privateLinkResources", request.name)

    def _described(self, request: Request) -> list[Body]:
        server, kind = self.family.server(request), "privateLinkResources"
        return [
            {**one, "id": f"{server.id}/{kind}/{one['name']}", "type": f"{self.family.name}/{kind}"}
            for one in self.links(server)
        ]
