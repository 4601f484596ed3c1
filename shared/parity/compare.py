"""All comparisons of a copy with its original, aspect by aspect."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from shared.control import Drift
from shared.parity import doors, keeping, people, values, watching
from shared.parity.pair import Aspect, Pair
from shared.state import Setting, SettingKind

type Compare = Callable[[Pair], Iterator[Drift]]

ASPECTS: Mapping[Aspect, Compare] = {
    Aspect.FIREWALL: doors.firewall,
    Aspect.VIRTUAL_NETWORK_RULES: doors.virtual_network_rules,
    Aspect.PUBLIC_ACCESS: doors.public_access,
    Aspect.PRIVATE_ENDPOINTS: doors.private_endpoints,
    Aspect.ADMINISTRATORS: people.administrators,
    Aspect.SIGN_IN: people.sign_in,
    Aspect.PARAMETERS: values.parameters,
    Aspect.TLS: values.tls,
    Aspect.DIAGNOSTICS: watching.diagnostics,
    Aspect.THREAT_PROTECTION: watching.threat_protection,
    Aspect.ALERTS: watching.alerts,
    Aspect.TAGS: keeping.tags,
    Aspect.LOCKS: keeping.locks,
    Aspect.MAINTENANCE: keeping.maintenance,
    Aspect.BACKUP: keeping.backup,
    Aspect.AVAILABILITY: keeping.availability,
    Aspect.ENCRYPTION: keeping.encryption,
}


def differences(pair: Pair, without: Iterable[Aspect] = ()) -> tuple[Drift, ...]:
    """In what the copy differs. Of one that its key keeps shut nothing else can be said, or done."""
    server = pair.copy.server
    if server is None:
        return ()
    if server.state.lower() == "inaccessible":
        return (_locked_out(pair),)
    left_out = set(without)
    return tuple(drift for aspect, compare in ASPECTS.items() if aspect not in left_out for drift in compare(pair))


def _locked_out(pair: Pair) -> Drift:
    person = (
        "give the copy's identity the right to wrap and unwrap with the key, then revalidate the key on the copy; what"
        " its source has is copied after that"
    )
    setting = Setting(SettingKind.PROPERTY, "dataEncryption")
    why = "its key does not let it open its data, so that nothing can be copied to it"
    return pair.by_hand(setting, "Inaccessible", "Ready", why, person)
