"""Things that a policy calls by name where a control, or a part of the policy, takes networks or identities.

`group:office` stands for the networks of that address group, `identity:sg-dba` for the ids of that identity. A model
says so with the types below; whoever validates it hands the names in as pydantic's context.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic_core import PydanticCustomError, core_schema

GROUP, IDENTITY = "group:", "identity:"
_GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_GUID_WANTED = "a GUID such as 3f0c8f5a-7b1e-4a52-9d15-52f1f7a2c901, or identity:NAME"
NETWORK_WANTED = "a network such as 203.0.113.0/24, or group:NAME"


@dataclass(frozen=True, slots=True)
class Identity:
    """The ids of one person, group or application in Entra."""

    object_id: str = ""
    app_id: str = ""
    mail: str = ""


@dataclass(slots=True)
class References:
    """What the names stand for; None while that is not known, so that nothing is said about them. `used` grows."""

    groups: Mapping[str, tuple[IPv4Network, ...]] | None = field(default_factory=dict)
    identities: Mapping[str, Identity] | None = field(default_factory=dict)
    used: set[str] = field(default_factory=set)


def network(value: object) -> IPv4Network:
    """The network. Raises PydanticCustomError that says what is right."""
    try:
        found = IPv4Network(str(value), strict=False)
    except ValueError as error:
        raise PydanticCustomError("wanted", "{wanted}", {"wanted": NETWORK_WANTED}) from error
    if str(found.network_address) != str(value).partition("/")[0]:
        wanted = f"{found}: the address has bits beyond its mask"
        raise PydanticCustomError("wanted", "{wanted}", {"wanted": wanted})
    return found


def unknown(what: str, name: str, known: Mapping[str, Any]) -> PydanticCustomError:
    """The error about a name that stands for nothing."""
    return PydanticCustomError("unknown_name", "unknown {what}", {"what": what, "name": name, "known": list(known)})


def _networks(value: object, info: ValidationInfo) -> tuple[IPv4Network, ...]:
    if isinstance(value, IPv4Network):
        return (value,)
    if isinstance(value, str) and value.startswith(GROUP):
        return _named(value, "address group", _references(info).groups, info) or ()
    return (network(value),)


def _identity(value: object, info: ValidationInfo) -> Identity | None:
    """The identity that is meant, if one is called by name."""
    if not isinstance(value, str) or not value.startswith(IDENTITY):
        return None
    found = _named(value, "identity", _references(info).identities, info)
    return found or Identity()


def _named[T](value: str, what: str, known: Mapping[str, T] | None, info: ValidationInfo) -> T | None:
    name = value.partition(":")[2]
    _references(info).used.add(value)
    if known is None:
        return None
    if name not in known:
        raise unknown(what, name, known)
    return known[name]


def _references(info: ValidationInfo) -> References:
    return info.context if isinstance(info.context, References) else References()


def guid(value: object) -> str:
    """The GUID, lower case. Raises PydanticCustomError that says what is right."""
    text = value.lower() if isinstance(value, str) else ""
    if not _GUID.fullmatch(text):
        raise PydanticCustomError("wanted", "{wanted}", {"wanted": _GUID_WANTED})
    return text


def _object_ids(value: object, info: ValidationInfo) -> tuple[str, ...]:
    found = _identity(value, info)
    if found is None:
        return (guid(value),)
    if _references(info).identities is not None and not found.object_id:
        raise PydanticCustomError("value_error", "{name} has no object_id", {"name": str(value)})
    return (found.object_id,)


def _all_ids(value: object, info: ValidationInfo) -> tuple[str, ...]:
    found = _identity(value, info)
    return (guid(value),) if found is None else tuple(filter(None, (found.object_id, found.app_id)))


def _flat[T](parts: tuple[tuple[T, ...], ...]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(part for some in parts for part in some))


def _set[T](parts: tuple[tuple[T, ...], ...]) -> frozenset[T]:
    return frozenset(_flat(parts))


def _mail(value: object, info: ValidationInfo) -> object:
    found = _identity(value, info)
    if found is None:
        return value
    if _references(info).identities is not None and not found.mail:
        raise PydanticCustomError("value_error", "{name} has no mail", {"name": str(value)})
    return found.mail


@dataclass(frozen=True, slots=True)
class _ListOf:
    """How pydantic reads a list in which one item may stand for several; an error still names the item."""

    item: Callable[[Any, ValidationInfo], tuple[Any, ...]]
    pattern: str
    example: str
    as_set: bool = False

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        items = core_schema.with_info_plain_validator_function(self.item)
        parts = core_schema.tuple_schema([items], variadic_item_index=0)
        return core_schema.no_info_after_validator_function(_set if self.as_set else _flat, parts)

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        item = {"type": "string", "pattern": self.pattern, "examples": [self.example]}
        return {"type": "array", "items": item}


_GUIDS = r"^(identity:.+|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})$"
_NETWORKS = r"^(group:.+|\d{1,3}(\.\d{1,3}){3}(/\d{1,2})?)$"

Networks = Annotated[tuple[IPv4Network, ...], _ListOf(_networks, _NETWORKS, "203.0.113.0/24")]
"""IPv4 networks, each once; `group:NAME` stands for several."""

ObjectIds = Annotated[tuple[str, ...], _ListOf(_object_ids, _GUIDS, "identity:sg-dba")]
"""Object ids, lower case, each once; `identity:NAME` stands for one."""

Ids = Annotated[tuple[str, ...], _ListOf(_all_ids, _GUIDS, "identity:release-pipeline")]
"""Object ids and application ids, lower case, each once; `identity:NAME` stands for all that the identity has."""

IdSet = Annotated[frozenset[str], _ListOf(_all_ids, _GUIDS, "identity:release-pipeline", as_set=True)]
"""The same without an order."""

ResourceId = Annotated[str, Field(pattern=r"^/subscriptions/[0-9a-fA-F-]{36}(/[\w.() -]+)+$")]
"""The ARM id of a resource."""

Owner = Annotated[str, BeforeValidator(_mail)]
"""Who answers for something: a mail address, a name, or `identity:NAME` for that identity's mail."""
