"""Servers as people write them down, to try a policy on: what they are, and where they stand.

Only what is written is judged. `firewall_rules: {}` says that there are none; without the key nobody looked.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path as FilePath
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, ValidationError

from shared.errors import BadFile, MalformedEvent
from shared.policy.words import Frozen, TagName, wanted
from shared.policy_file.document import Document
from shared.policy_file.wording import note_errors
from shared.policy_file.yaml_text import read_yaml
from shared.references import guid
from shared.scope import Place
from shared.state import Administrator, FirewallRule, Parameter, Server, State
from shared.target import Target, parse_target

_MOST_BYTES = 16_000_000
_SERVER_KEYS = (
    "public_access",
    "worker_access",
    "virtual_network",
    "approved_endpoints",
    "entra_auth",
    "password_auth",
    "tenant_id",
)
_RANGE = "an address, a range `start - end`, or a network: 203.0.113.7, 203.0.113.0 - 203.0.113.9, 203.0.113.0/24"


def range_of(value: object) -> tuple[str, str]:
    """First and last address of what a file may call a range. Raises PydanticCustomError that says what is right."""
    text = str(value)
    try:
        if "/" in text:
            network = IPv4Network(text)
            return str(network[0]), str(network[-1])
        start, _, end = (part.strip() for part in text.partition("-"))
        return str(IPv4Address(start)), str(IPv4Address(end or start))
    except ValueError as error:
        raise wanted(_RANGE) from error


def _parameter(value: object) -> object:
    return value if isinstance(value, dict) else {"value": value if isinstance(value, bool) else str(value)}


def _text(value: object) -> object:
    """What YAML reads as a number or a flag, as Azure writes it."""
    return str(value).lower() if isinstance(value, bool) else str(value) if isinstance(value, int | float) else value


def _target(text: str) -> str:
    try:
        return parse_target(text).id
    except MalformedEvent as error:
        raise wanted("the ARM id of a server: /subscriptions/GUID/resourceGroups/NAME/providers/...") from error


ServerId = Annotated[str, AfterValidator(_target)]
"""The ARM id of a server, in its one form."""


class ParameterSheet(Frozen):
    """A server parameter: its value alone, or what Azure says of it besides."""

    value: str
    dynamic: bool = True
    read_only: bool = False
    pending_restart: bool = False
    allowed: str = ""


class StateSheet(Frozen):
    """What is found on a server. As soon as one of those before the rules is written, the others count too.

    `worker_access` is that of a Citus cluster's workers. `properties` are what else Azure says of the server, by the
    names that controls use: `tls.enforcement`, `backup.retentionDays`.
    """

    public_access: bool | None = False
    worker_access: bool | None = None
    virtual_network: bool = False
    approved_endpoints: Annotated[int, Field(ge=0)] = 0
    entra_auth: bool = True
    password_auth: bool = False
    tenant_id: str = ""
    properties: Mapping[str, Annotated[str, BeforeValidator(_text)]] = Field(default_factory=dict)
    firewall_rules: Mapping[str, Annotated[tuple[str, str], BeforeValidator(range_of)]] = Field(default_factory=dict)
    parameters: Mapping[str, Annotated[ParameterSheet, BeforeValidator(_parameter)]] = Field(default_factory=dict)
    administrators: Mapping[str, Annotated[str, AfterValidator(guid)]] = Field(default_factory=dict)

    def over(self, other: "StateSheet") -> "StateSheet":
        """The other, with what this one says instead. Parameters and properties are replaced one by one."""
        said: dict[str, Any] = {name: getattr(self, name) for name in self.model_fields_set}
        for name in {"parameters", "properties"} & said.keys():
            said[name] = {**getattr(other, name), **said[name]}
        return other.model_copy(update=said)

    def state(self, place: Place) -> State:
        """The state, as a look at the server would show it."""
        given = self.model_fields_set
        server = {name: getattr(self, name) for name in _SERVER_KEYS}
        was_read = given & {*_SERVER_KEYS, "properties"}
        rules = (FirewallRule(name, *ends) for name, ends in self.firewall_rules.items())
        held = {name: Parameter(name, **dict(sheet)) for name, sheet in self.parameters.items()}
        admins = (Administrator(id_, name, "Group", self.tenant_id) for name, id_ in self.administrators.items())
        return State(
            target=place.target,
            server=Server(**server, tags=place.tags, facts=self.properties) if was_read else None,
            firewall_rules=tuple(sorted(rules)) if "firewall_rules" in given else None,
            parameters=held,
            administrators=tuple(sorted(admins)) if "administrators" in given else None,
        )


class PlaceSheet(Frozen):
    """Which server, where it stands, and how it is tagged."""

    id: ServerId
    tags: Mapping[TagName, str] = Field(default_factory=dict)
    management_groups: tuple[Annotated[str, AfterValidator(str.lower)], ...] = ()

    @property
    def place(self) -> Place:
        """Where it stands."""
        return Place(parse_target(self.id), self.tags, self.management_groups)


class ServerSheet(PlaceSheet):
    """A server of a fleet; with a `state` it can also be judged."""

    state: StateSheet | None = None
    known_good: StateSheet | None = None


class _FleetSheet(Frozen):
    servers: tuple[ServerSheet, ...]


@dataclass(frozen=True, slots=True)
class Fleet:
    """Servers that somebody wrote down."""

    servers: tuple[ServerSheet, ...]

    @property
    def places(self) -> tuple[Place, ...]:
        """Where they stand."""
        return tuple(server.place for server in self.servers)


def read_fleet(path: FilePath) -> Fleet:
    """The servers in a file: a list, also below the key `servers`. Raises BadFile."""
    document = read_document(path)
    if isinstance(document.data, list):
        document = below("servers", document)
    sheet = validated(document, _FleetSheet)
    seen: dict[str, Target] = {}
    for index, server in enumerate(sheet.servers):
        if server.id.lower() in seen:
            document.note(("servers", index, "id"), "found this server a second time")
        seen[server.id.lower()] = server.place.target
    refuse_problems(document)
    return Fleet(sheet.servers)


def read_document(path: FilePath) -> Document:
    """A file's data and where everything stands. Raises BadFile."""
    try:
        text = path.read_bytes()
    except OSError as error:
        raise BadFile(f"{path}: cannot be read: {error.strerror}") from error
    document = read_yaml(text, str(path), _MOST_BYTES)
    refuse_problems(document)
    return document


def below(key: str, document: Document) -> Document:
    """The document with everything one level further down."""
    return Document(
        document.file,
        {key: document.data},
        keys={(key, *path): spot for path, spot in document.keys.items()},
        values={(key, *path): spot for path, spot in document.values.items()},
    )


def validated[T: BaseModel](document: Document, model: type[T]) -> T:
    """The document in its shape. Raises BadFile."""
    try:
        return model.model_validate(document.data)
    except ValidationError as error:
        note_errors(document, (), model, error)
        raise problems_of(document) from error


def refuse_problems(document: Document) -> None:
    """Raises BadFile when something is wrong."""
    if document.problems:
        raise problems_of(document)


def problems_of(document: Document) -> BadFile:
    """The error that lists all problems."""
    return BadFile("\n".join(str(problem) for problem in sorted(set(document.problems))[:50]))
