"""What a replica has otherwise than its primary, and would have after a promotion, which carries nothing over."""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.state import Setting, SettingKind, State, Value

# What clients and guards rely on; what differs by nature (names, keys of other regions) is not compared.
_COMPARED = frozenset(
    {
        SettingKind.PUBLIC_ACCESS,
        SettingKind.AUTHENTICATION,
        SettingKind.FIREWALL_RULE,
        SettingKind.VIRTUAL_NETWORK_RULE,
        SettingKind.ADMINISTRATOR,
        SettingKind.PARAMETER,
        SettingKind.THREAT_PROTECTION,
        SettingKind.DIAGNOSTIC_SETTING,
    }
)


@dataclass(frozen=True, slots=True)
class Difference:
    """One setting that the two have otherwise; None: it is not there."""

    setting: Setting
    here: Value
    there: Value


def differences(primary: State, replica: State) -> tuple[Difference, ...]:
    """What the replica has otherwise, as far as both were read."""
    both = primary.facets() & replica.facets()
    here, there = _compared(primary), _compared(replica)
    settings = sorted(setting for setting in here.keys() | there.keys() if setting.facet in both)
    pairs = ((setting, here.get(setting), there.get(setting)) for setting in settings)
    return tuple(Difference(*pair) for pair in pairs if _plain(pair[1]) != _plain(pair[2]))


def _compared(state: State) -> dict[Setting, Value]:
    return {setting: value for setting, value in state.settings().items() if setting.kind in _COMPARED}


def _plain(value: Value) -> object:
    return sorted(value.items()) if isinstance(value, Mapping) else value
