"""What a security alert says of an attack, as far as a response needs it. It says where to look: the state decides.

Names of entities are Defender's (Microsoft.Security alerts 2022-01-01); those of extended properties are texts for
people, with spaces, and differ between alerts of one type, so several are known and none is relied on.
"""

import ipaddress
from dataclasses import dataclass

from shared.alert import Alert

# More than these would make a firewall of it that nobody can read.
MOST = 16
_ADDRESSES = ("client ip address", "ip address", "client ip", "source ip address")
_LOGINS = ("client principal name", "principal name", "user name", "username", "login", "client login name")
_ACCOUNTS = ("account", "azure-ad-user", "azureaduser")
_IDS = ("aaduserid", "objectguid", "azureaduserid", "objectid")
_SUFFIXES = ("upnsuffix", "upn suffix")


@dataclass(frozen=True, slots=True)
class Attack:
    """What one alert says: the addresses it names, and the names and ids of who signed in, or tried to.

    `more` says how many addresses were left out.
    """

    alert: str
    title: str
    addresses: tuple[str, ...] = ()
    logins: tuple[str, ...] = ()
    more: int = 0


def attack_of(alert: Alert) -> Attack:
    """What the alert says. A text that is no address names none."""
    facts = {name.lower(): text for name, text in alert.facts.items()}
    told = [part.strip() for name in _ADDRESSES for part in facts.get(name, "").split(",")]
    texts = (_address(text) for text in (*alert.named("ip"), *told))
    addresses = tuple(dict.fromkeys(text for text in texts if text))
    return Attack(alert.id, alert.title, addresses[:MOST], _logins(alert, facts), max(0, len(addresses) - MOST))


def _logins(alert: Alert, facts: dict[str, str]) -> tuple[str, ...]:
    names = [facts.get(name, "") for name in _LOGINS]
    for entity in alert.entities:
        if entity.kind in _ACCOUNTS:
            details = {name.lower(): text for name, text in entity.details.items()}
            suffix = next((details[name] for name in _SUFFIXES if details.get(name)), "")
            names += [entity.name, f"{entity.name}@{suffix}" if suffix else ""]
            names += [details.get(name, "") for name in _IDS]
    return tuple(dict.fromkeys(name.strip() for name in names if name.strip()))[:MOST]


def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text.strip()))
    except ValueError:
        return ""
