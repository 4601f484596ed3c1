"""What a judgement rests on: a state that remembers what was looked at.

A control is asked a second time, over a copy of the state that notes every property, parameter and resource that the
control reads. So a control that holds has its evidence as well, and no control has to write any down.
"""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

from shared.audit.finding import Evidence
from shared.notify.wording import value_words
from shared.plan import Judge
from shared.policy.explain import value_text
from shared.state import (
    Administrator,
    FirewallRule,
    Parameter,
    Server,
    Setting,
    State,
    Value,
    administrator_value,
    rule_value,
)

# More than a person would compare; the rest is counted.
_MOST = 24
_SERVER_NAMES = {
    "public_access": "network.publicNetworkAccess",
    "virtual_network": "inside a virtual network",
    "approved_endpoints": "approved private endpoints",
    "entra_auth": "authConfig.activeDirectoryAuth",
    "password_auth": "authConfig.passwordAuth",
    "tenant_id": "authConfig.tenantId",
}
# Flags that Azure spells so.
_SWITCHES = frozenset({"public_access", "entra_auth", "password_auth"})
_COLLECTIONS = {"firewall_rules": "firewallRules", "administrators": "administrators"}
# The keys of facts and children say by themselves what they are.
_PREFIXES = {"parameters": "configurations", "facts": "", "children": "", "recalled": "last known good"}
_ABSENT = "absent"

type Notes = dict[str, str]


class Witness:
    """Sees what controls look at in one state."""

    def __init__(self, state: State) -> None:
        self._notes: Notes = {}
        self._copy = watched(state, self._notes)

    def evidence_of(self, judge: Judge) -> tuple[Evidence, ...]:
        """Everything that the control looks at."""
        self._notes.clear()
        judge.find(self._copy)
        found = [Evidence(what, value) for what, value in self._notes.items()]
        more = [Evidence("further values", str(len(found) - _MOST))] if len(found) > _MOST else []
        return tuple(found[:_MOST] + more)


def asked_for(judge: Judge) -> tuple[Evidence, ...]:
    """What the policy says to the control, where it says anything."""
    given = judge.rule.parameters
    named = (
        (name, getattr(given, name), part.get_default(call_default_factory=True))
        for name, part in type(given).model_fields.items()
    )
    return tuple(Evidence(f"policy: {name}", value_text(value)) for name, value, default in named if value != default)


def watched(state: State, notes: Notes) -> State:
    """A copy of the state that writes down what is read of it."""
    parts = {part.name: _wrapped(part.name, getattr(state, part.name), notes) for part in fields(State) if part.init}
    copy = _State(**parts)
    object.__setattr__(copy, "notes", notes)
    object.__setattr__(copy, "plain", state)
    return copy


def _wrapped(name: str, value: Any, notes: Notes) -> Any:
    if isinstance(value, Server):
        parts = {part.name: _wrapped(part.name, getattr(value, part.name), notes) for part in fields(Server)}
        server = _Server(**parts)
        object.__setattr__(server, "notes", notes)
        return server
    if isinstance(value, Mapping):
        prefix = _PREFIXES.get(name, name)
        return _Watched(value, prefix, notes)
    return value


class _State(State):
    __slots__ = ("notes", "plain")
    notes: Notes
    plain: State

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        if name in _COLLECTIONS and found is not None:
            _note_all(_COLLECTIONS[name], found, self.notes)
        elif name == "at" and found is not None:
            self.notes["the time of reading"] = f"{found:%Y-%m-%d %H:%M:%S} UTC"
        return found

    def settings(self) -> dict[Setting, Value]:
        return self.plain.settings()

    def value(self, setting: Setting) -> Value:
        found = self.plain.value(setting)
        self.notes[str(setting)] = value_words(found)
        return found


class _Server(Server):
    __slots__ = ("notes",)
    notes: Notes

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        if not name.startswith("_") and name != "notes" and not isinstance(found, Mapping):
            switch = name in _SWITCHES and isinstance(found, bool)
            text = ("Enabled" if found else "Disabled") if switch else _text(found)
            self.notes[_SERVER_NAMES.get(name, name)] = text
        return found


class _Watched(Mapping[Any, Any]):
    """A mapping that notes which of its keys are asked for; resources inside it are watched as well."""

    def __init__(self, held: Mapping[Any, Any], path: str, notes: Notes) -> None:
        self._held, self._path, self._notes = held, path, notes

    def __getitem__(self, key: Any) -> Any:
        path = f"{self._path}/{key}" if self._path else str(key)
        if key not in self._held:
            self._notes.setdefault(path, _ABSENT)
            raise KeyError(key)
        found = self._held[key]
        if isinstance(found, Mapping):
            return _Watched(found, path, self._notes)
        self._notes[path] = _text(found)
        return found

    def __iter__(self) -> Iterator[Any]:
        if not self._held and self._path:
            self._notes[self._path] = "none"
        return iter(self._held)

    def __len__(self) -> int:
        if not self._held and self._path:
            self._notes[self._path] = "none"
        return len(self._held)


def _note_all(path: str, things: tuple[Any, ...], notes: Notes) -> None:
    if not things:
        notes[path] = "none"
    for thing in things:
        match thing:
            case FirewallRule():
                notes[f"{path}/{thing.name}"] = value_words(rule_value(thing.start, thing.end))
            case Administrator():
                notes[f"{path}/{thing.object_id}"] = value_words(administrator_value(thing))
            case _:
                notes[path] = str(thing)


def _text(value: object) -> str:
    match value:
        case None:
            return _ABSENT
        case bool():
            return "yes" if value else "no"
        case Parameter():
            waits = ", waits for a restart" if value.pending_restart else ""
            return f"{value.value or 'empty'}{waits}"
    return str(value) or "empty"
