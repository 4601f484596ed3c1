"""What stands outside a server, or inside its databases, as people call it: `key vault kv-payments`, `role app`."""

import re
from collections.abc import Iterator, Mapping

from shared.state.inside import inside_words
from shared.state.vocabulary import INSIDE, SettingKind

# By type, whose casing Azure does not keep; what is not here is called by its type (`metric alert`).
_WORDS: Mapping[str, str] = {
    "vaults": "key vault",
    "userassignedidentities": "identity",
    "accesspolicies": "access policy",
    "virtualnetworks": "network",
    "securityrules": "rule",
    "privatednszonegroups": "DNS zone group",
    "pricings": "Defender plan",
    "alertssuppressionrules": "suppression rule",
    "registrationassignments": "delegation",
    "resourcegroups": "resource group",
}
# Attached to anything, so where they hang has to be said.
_ATTACHED = ("locks", "diagnosticsettings", "roleassignments", "policyassignments")
_SCOPES = ("subscriptions", "resourcegroups")
_BETWEEN_WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NEIGHBOUR = "neighbours/"


def spoken(setting: str) -> str:
    """A setting's name for people: of what stands outside its own, and which part of it; of what is in a database what
    it is; any other as it is."""
    kind, _, name = setting.partition("/")
    if kind in INSIDE:
        return inside_words(SettingKind(kind), name)
    if not setting.startswith(_NEIGHBOUR):
        return setting
    resource, _, member = setting.partition(":")[2].partition("#")
    return f"{resource_words(resource)}{': ' if member else ''}{member}"


def place_words(child: str) -> str:
    """What an event was about: a part of the server by its path, what stands outside by its kind and name."""
    return resource_words(child) if child.startswith("/") else child or "the server"


def resource_words(resource: str) -> str:
    """What a resource is and its name; of a part or an attachment also whose it is."""
    names = list(_names(resource))
    if not names:
        return resource
    words = _words(*names[-1])
    if len(names) > 1 and (names[-1][0].lower() in _ATTACHED or names[-2][0].lower() not in _SCOPES):
        words += f" of {_words(*names[-2])}"
    return words


def _words(kind: str, name: str) -> str:
    if kind.lower() == "subscriptions":
        return "the subscription"
    return f"{_WORDS.get(kind.lower()) or _BETWEEN_WORDS.sub(' ', kind).lower().removesuffix('s')} {name}"


def _names(resource: str) -> Iterator[tuple[str, str]]:
    """The types and names along the path, without the names of the providers."""
    segments = iter(resource.strip("/").split("/"))
    for segment in segments:
        name = next(segments, "")
        if segment.lower() != "providers" and name:
            yield segment, name
        elif segment.lower() != "providers":
            return
        else:
            kind, named = next(segments, ""), next(segments, "")
            if kind and named:
                yield kind, named
