"""Server parameters, and TLS, which is a parameter of one kind of server and a property of another.

Only what somebody set on the original is compared: what the service gave follows from version and size.
"""

from collections.abc import Iterator, Mapping

from shared.condition import listed
from shared.control import Drift
from shared.parity.pair import Extras, Pair
from shared.state import WORKERS, Parameter, Setting, SettingKind, State, parameter_names, role_and_name
from shared.target import Kind

LISTS = frozenset({"azure.extensions", "pgaudit.log", "shared_preload_libraries", "session_preload_libraries"})
_EMPTY = frozenset({"", "none"})
# What a server can afford follows from its size: on another size these are for its owner to choose.
SIZED = frozenset(
    {
        "autovacuum_work_mem",
        "effective_cache_size",
        "effective_io_concurrency",
        "hash_mem_multiplier",
        "huge_pages",
        "maintenance_work_mem",
        "max_connections",
        "max_locks_per_transaction",
        "max_parallel_maintenance_workers",
        "max_parallel_workers",
        "max_parallel_workers_per_gather",
        "max_prepared_transactions",
        "max_wal_senders",
        "max_wal_size",
        "max_worker_processes",
        "min_wal_size",
        "shared_buffers",
        "temp_buffers",
        "wal_buffers",
        "work_mem",
    }
)
# PostgreSQL, "Hot Standby": a standby whose value is lower than its primary's does not start, or stops.
AT_LEAST = frozenset(
    {
        "max_connections",
        "max_locks_per_transaction",
        "max_prepared_transactions",
        "max_wal_senders",
        "max_worker_processes",
    }
)
# What says how a server replicates is another on either side of a replication.
REPLICATION = frozenset(
    {
        "azure.replication_support",
        "default_transaction_read_only",
        "hot_standby_feedback",
        "max_replication_slots",
        "max_slot_wal_keep_size",
        "max_standby_archive_delay",
        "max_standby_streaming_delay",
        "recovery_min_apply_delay",
        "synchronous_standby_names",
        "wal_level",
        "wal_receiver_status_interval",
        "wal_receiver_timeout",
    }
)
_ENFORCED, _TRANSPORT = "tls.enforcement", "require_secure_transport"
_MINIMUM, _PROTOCOL = "tls.minimumVersion", "ssl_min_protocol_version"
# From the weakest: as a single server writes it, and as a flexible server does.
_SINGLE_VERSIONS = ("TLSEnforcementDisabled", "TLS1_0", "TLS1_1", "TLS1_2")
_FLEXIBLE_VERSIONS = ("", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3")


def parameters(pair: Pair) -> Iterator[Drift]:
    """Parameters that somebody set on the original, and with `extras: removed` those that somebody set on the copy."""
    lacking = set[str]()
    for name, theirs in _chosen(pair).items():
        for each in _here(pair, name):
            ours = pair.copy.parameters.get(each)
            if ours is None:
                lacking.add(name)
            elif not ours.read_only:
                lacking |= {f"{word} in {name}" for word in _unknown(ours, theirs)}
                yield from _compared(pair, ours, theirs)
    if lacking and pair.copy.server is not None and any(pair.copy.parameters.values()):
        names = ", ".join(sorted(lacking))
        why = f"{names}: set on {pair.source}, unknown to the copy's version or kind"
        version = pair.copy.server.version or None
        setting = Setting(SettingKind.PROPERTY, "version")
        yield pair.by_hand(setting, version, "one that knows them", why, "find out what stands for it on this version")
    if pair.extras is Extras.REMOVED and pair.alike:
        yield from _only_here(pair)


def tls(pair: Pair) -> Iterator[Drift]:
    """TLS is enforced, and no older version taken, where that is so on the original. A Citus cluster always does."""
    if pair.servers is None or Kind.CITUS in (pair.copy.target.kind, pair.original.target.kind):
        return
    if _enforces(pair.original) is True and _enforces(pair.copy) is False:
        words = {Kind.SINGLE: "Enabled", Kind.FLEXIBLE: "on"}
        yield _tightened(pair, _ENFORCED, _TRANSPORT, words, f"{pair.source} enforces TLS")
    ours, theirs = _oldest(pair.copy), _oldest(pair.original)
    if ours is None or theirs is None:
        return
    versions = {Kind.SINGLE: _SINGLE_VERSIONS, Kind.FLEXIBLE: _FLEXIBLE_VERSIONS}
    wanted = min(theirs, len(versions[pair.copy.target.kind]) - 1)
    if ours < wanted:
        words = {kind: some[min(wanted, len(some) - 1)] for kind, some in versions.items()}
        yield _tightened(pair, _MINIMUM, _PROTOCOL, words, f"{pair.source} takes no older version of TLS")


def _chosen(pair: Pair) -> dict[str, Parameter]:
    """What somebody set on the original, by name: on servers of one kind with the place where it counts."""
    found = {name: held for name, held in pair.original.parameters.items() if held is not None and held.chosen}
    kept = {name: held for name, held in found.items() if role_and_name(name)[1].lower() not in (_TRANSPORT, _PROTOCOL)}
    if pair.alike:
        return kept
    # A server that is no cluster does what the coordinator does.
    return {role_and_name(name)[1]: held for name, held in kept.items() if role_and_name(name)[0] != WORKERS}


def _here(pair: Pair, name: str) -> tuple[str, ...]:
    return (name,) if pair.alike else parameter_names(pair.copy.target.kind, name)


def _compared(pair: Pair, ours: Parameter, theirs: Parameter) -> Iterator[Drift]:
    name = role_and_name(ours.name)[1].lower()
    if pair.follows and name in AT_LEAST:
        if _number(ours.value) < _number(theirs.value):
            yield _as_there(pair, ours, theirs, theirs.value, "a replica needs at least as much as its primary")
    elif (pair.follows and name in REPLICATION) or (name in SIZED and not _same_size(pair)):
        return
    elif name in LISTS:
        yield from _list(pair, ours, theirs)
    elif ours.value.lower() != theirs.value.lower():
        yield _as_there(pair, ours, theirs, theirs.value)


def _list(pair: Pair, ours: Parameter, theirs: Parameter) -> Iterator[Drift]:
    """A list gets what is missing; what else is in it stays, unless extras go."""
    here, known = _words(ours.value), {word.lower() for word in listed(ours.allowed)}
    unknown = _unknown(ours, theirs)
    wanted = {low: word for low, word in _words(theirs.value).items() if word not in unknown}
    kept = {low: word for low, word in here.items() if pair.extras is not Extras.REMOVED or low in wanted}
    after = {**kept, **{low: word for low, word in wanted.items() if low not in kept}}
    if after.keys() != here.keys():
        empty = "" if "" in known or not known or "none" not in known else "none"
        yield _as_there(pair, ours, theirs, ",".join(after.values()) or empty)


def _unknown(ours: Parameter, theirs: Parameter) -> list[str]:
    """The entries of the original's list that the copy's version does not know."""
    here, known = _words(ours.value), {word.lower() for word in listed(ours.allowed)}
    if not known or role_and_name(ours.name)[1].lower() not in LISTS:
        return []
    return [word for low, word in _words(theirs.value).items() if low not in here and low not in known]


def _only_here(pair: Pair) -> Iterator[Drift]:
    """What somebody set on the copy alone goes back to what the original has."""
    for name, ours in pair.copy.parameters.items():
        theirs, low = pair.original.parameters.get(name), role_and_name(name)[1].lower()
        if ours is None or theirs is None or not ours.chosen or theirs.chosen or ours.read_only:
            continue
        if low in SIZED | REPLICATION | LISTS | {_TRANSPORT, _PROTOCOL} or ours.value.lower() == theirs.value.lower():
            continue
        yield _as_there(pair, ours, theirs, theirs.value, f"it was set here alone, {pair.source} has the default")


def _as_there(pair: Pair, ours: Parameter, theirs: Parameter, wanted: str, why: str = "") -> Drift:
    setting, origin = (Setting(SettingKind.PARAMETER, one.name) for one in (ours, theirs))
    return pair.differs(
        setting, ours.value, wanted, why or f"{pair.source} has {theirs.value or 'an empty value'}", origin
    )


def _tightened(pair: Pair, on_single: str, on_flexible: str, words: Mapping[Kind, str], why: str) -> Drift:
    settings = {
        Kind.SINGLE: Setting(SettingKind.PROPERTY, on_single),
        Kind.FLEXIBLE: Setting(SettingKind.PARAMETER, on_flexible),
    }
    kind, theirs = pair.copy.target.kind, pair.original.target.kind
    setting = settings[kind]
    return pair.differs(setting, pair.copy.value(setting), words[kind], why, settings[theirs])


def _enforces(state: State) -> bool | None:
    text = _tls_text(state, _ENFORCED, _TRANSPORT)
    return None if text is None else text.lower() in ("on", "enabled")


def _oldest(state: State) -> int | None:
    """The oldest version of TLS that is taken, as a rank; None where that is not known."""
    text = _tls_text(state, _MINIMUM, _PROTOCOL)
    versions = _SINGLE_VERSIONS if state.target.kind is Kind.SINGLE else _FLEXIBLE_VERSIONS
    ranks = {version.lower(): rank for rank, version in enumerate(versions)}
    return None if text is None else ranks.get(text.lower())


def _tls_text(state: State, on_single: str, on_flexible: str) -> str | None:
    if state.target.kind is Kind.SINGLE:
        return state.server.facts.get(on_single) if state.server else None
    held = state.parameters.get(on_flexible)
    return held.value if held is not None and not held.read_only else None


def _words(value: str) -> dict[str, str]:
    return {word.lower(): word for word in listed(value) if word.lower() not in _EMPTY}


def _number(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        return 0


def _same_size(pair: Pair) -> bool:
    if pair.servers is None:
        return False
    copy, original = (one.facts.get("sku.name", "") for one in pair.servers)
    return pair.alike and copy == original
