"""What an alert is about: addresses, accounts, resources, in whichever of Defender's many forms.

learn.microsoft.com, "Microsoft Sentinel entity types reference" names the members; Defender adds more over time, so
what is not known here is kept under its own name.
"""

import ipaddress
from collections.abc import Iterable, Mapping
from typing import Any

from shared.alert import Entity
from shared.alerts.members import Members
from shared.alerts.texts import SHORT, one_line

MOST = 100
_MOST_DETAILS = 12
_KIND = 40
_NAME = 80
# Which member names an entity, by its kind; the first that it has.
_NAMES = {
    "ip": ("Address",),
    "account": ("UserPrincipalName", "Name", "DisplayName", "AadUserId", "ObjectGuid", "Sid"),
    "azureresource": ("ResourceId",),
    "host": ("HostName", "NetBiosName", "AzureID"),
    "url": ("Url",),
    "dns": ("DomainName",),
    "process": ("CommandLine", "ProcessId"),
    "cloudapplication": ("Name", "AppId", "SaasId"),
}
_ANY = ("Name", "Address", "HostName", "ResourceId", "Url", "Id")
_PLACE = (("City",), ("State",), ("CountryName", "CountryCode"))
# Facts that name what an alert of a database is about, where the entities do not.
_FACTS = (("client ip address", "ip"), ("client principal name", "account"))


def read_entities(found: list[Any], facts: Mapping[str, str]) -> tuple[tuple[Entity, ...], int]:
    """The first MOST entities, each once, with those that only the facts name; and how many there are besides."""
    written = [Members(one) for one in found if isinstance(one, dict)]
    by_id = {one_line(one.get("$id"), _NAME): one for one in written if "$id" in one}
    read = [_entity(one, by_id) for one in written[:MOST] if "$ref" not in one]
    left_out = len(found) - len(written[:MOST])
    named = {(entity.kind, entity.name) for entity in read}
    return tuple(_once([*read, *_from_facts(facts, named)])), left_out


def _entity(given: Members, by_id: Mapping[str, Members]) -> Entity:
    kind = one_line(given.get("Type"), _KIND).lower().replace("-", "").replace(" ", "") or "unknown"
    return Entity(kind, _name(given, kind), _details(given, kind, by_id))


def _name(given: Members, kind: str) -> str:
    found = one_line(given.get(*_NAMES.get(kind, _ANY)))
    suffix = one_line(given.get("UPNSuffix"), _NAME)
    return f"{found}@{suffix}" if kind == "account" and found and suffix and "@" not in found else found


def _details(given: Members, kind: str, by_id: Mapping[str, Members]) -> dict[str, str]:
    """What else is known: texts as they are, a place in words, what is referred to by its name."""
    naming = {name.lower() for name in _NAMES.get(kind, _ANY)}
    details: dict[str, str] = {}
    for name, value in given.pairs():
        if name.lower() in naming or name.lower() in ("$id", "type", "upnsuffix"):
            continue
        text = _detail(name, value, by_id)
        if text and len(details) < _MOST_DETAILS:
            details[one_line(name, _NAME).lower()] = text
    if isinstance(given.get("Location"), dict):
        number = one_line(Members(given.get("Location")).get("Asn"), _NAME)
        details |= {"asn": number} if number else {}
    return details


def _detail(name: str, value: Any, by_id: Mapping[str, Members]) -> str:
    if isinstance(value, list):
        return ", ".join(filter(None, (_detail(name, one, by_id) for one in value[:5])))[:SHORT]
    if not isinstance(value, dict):
        return one_line(value)
    inner = Members(value)
    if "$ref" in inner:
        meant = by_id.get(one_line(inner.get("$ref"), _NAME))
        return _name(meant, "") if meant is not None else ""
    if name.lower() == "location":
        return ", ".join(filter(None, (one_line(inner.get(*part), _NAME) for part in _PLACE)))
    return one_line(inner.get("ThreatName", "ThreatType", *_ANY))


def _from_facts(facts: Mapping[str, str], named: set[tuple[str, str]]) -> Iterable[Entity]:
    low = {name.lower(): value for name, value in facts.items()}
    for fact, kind in _FACTS:
        name = low.get(fact, "")
        if name and (kind, name) not in named and (kind != "ip" or _is_address(name)):
            yield Entity(kind, name, {"from": fact})


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _once(entities: Iterable[Entity]) -> Iterable[Entity]:
    seen = set()
    for entity in entities:
        key = entity.kind, entity.name, tuple(sorted(entity.details.items()))
        if key not in seen:
            seen.add(key)
            yield entity
