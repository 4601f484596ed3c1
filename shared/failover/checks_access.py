"""Pre-flight, second part: how clients get in, what the replica has otherwise, what becomes of all others. Pure."""

from collections.abc import Iterator, Mapping

from shared.control import Drift, NotApplicable
from shared.failover import roles
from shared.failover.model import Check, Question, Seen, Way, Weight
from shared.firewall import rules_in_force
from shared.state import FacetKind, Parameter, SettingKind
from shared.target import Kind

# What allocates shared memory has to be the same (concepts-read-replicas, "Server parameters").
SHARED_MEMORY = (
    "max_connections",
    "max_locks_per_transaction",
    "max_prepared_transactions",
    "max_wal_senders",
    "max_worker_processes",
)
_LEVELS = ("replica", "logical")
_MOST = 5


def endpoints(question: Question) -> Iterator[Check]:
    """Virtual endpoints lead to the pair, so that clients follow; what does not use them cannot be re-pointed."""
    primary, replica = question.pair
    if replica.target.kind is not Kind.FLEXIBLE:
        return
    found = roles.endpoints(primary, replica)
    for one in found:
        leads = f"{one.name} leads to {', '.join(one.members)}"
        if roles.leads_to(one, replica):
            yield Check("virtual-endpoint", replica.name, Weight.GOOD, leads)
            continue
        do = (
            f"az postgres flexible-server virtual-endpoint update -g {primary.target.resource_group}"
            f" --server-name {primary.name} -n {one.name} --endpoint-type ReadWrite --members {replica.name}"
        )
        wanted = f"{one.name} leads to {primary.name}, {replica.name}"
        weight = question.unless_forced if question.way is Way.SWITCHOVER else Weight.WARN
        yield Check("virtual-endpoint", replica.name, weight, leads, wanted, do)


def connection_strings(question: Question) -> Iterator[Check]:
    """Whom clients call by name."""
    primary, replica = question.pair
    writers = [one.writer for one in roles.endpoints(primary, replica) if roles.leads_to(one, replica)]
    if question.way is Way.SWITCHOVER and writers:
        found = f"clients of {', '.join(writers)} follow by themselves"
        do = f"clients that name {primary.name} itself do not: find and change them"
        yield Check("connection-strings", primary.name, Weight.GOOD, found, "", do)
        return
    do = (
        f"change {primary.name} to {replica.name} in every connection string, private DNS record and firewall of an"
        " application; Holdfast cannot see them"
    )
    found = "no virtual endpoint takes clients along" if _read(question) else "its virtual endpoints could not be read"
    yield Check("connection-strings", primary.name, Weight.WARN, found, "clients use a virtual endpoint", do)


def _read(question: Question) -> bool:
    """Whether the virtual endpoints were read, where there can be any."""
    if question.replica.target.kind is not Kind.FLEXIBLE:
        return True
    states = [seen.state for seen in question.pair if seen.state is not None]
    return any(FacetKind.VIRTUAL_ENDPOINTS in state.children for state in states)


def old_primary(question: Question) -> Iterator[Check]:
    """What becomes of the old primary, and whether there is a way back."""
    primary, replica = question.pair
    if question.way is Way.SWITCHOVER:
        found = f"{primary.name} becomes a replica of {replica.name}; switching back is the same the other way"
        yield Check("way-back", primary.name, Weight.GOOD, found)
        return
    found = f"{primary.name} goes on and takes writes: the two drift apart from that moment"
    do = f"stop what writes to {primary.name} before you say yes; afterwards delete it, or keep it from being used"
    yield Check("two-primaries", primary.name, Weight.WARN, found, "one server takes writes", do)
    found = "this promotion cannot be taken back: no server that exists becomes a replica again"
    do = f"to go back, make a new replica of {replica.name} and fail over to that"
    yield Check("irreversible", replica.name, Weight.WARN, found, "", do)


def other_replicas(question: Question) -> Iterator[Check]:
    """What becomes of the replicas that are not promoted."""
    others = [one.name for one in question.survey.replicas if one.target != question.replica.target]
    if not question.survey.listed:
        found = "Azure did not list the primary's replicas"
        yield Check("other-replicas", question.primary.name, Weight.WARN, found, "", "look for others by hand")
    if not others:
        return
    if question.way is Way.SWITCHOVER:
        found = f"{', '.join(others)}: they follow {question.replica.name} from then on"
        do = "in an outage of the primary's region, only once it is back"
        yield Check("other-replicas", question.primary.name, Weight.GOOD, found, "", do)
        return
    found = f"{', '.join(others)}: they go on following {question.primary.name}"
    do = f"make new replicas of {question.replica.name} afterwards, and delete those"
    yield Check("other-replicas", question.primary.name, Weight.WARN, found, "", do)


def way_in(question: Question) -> Iterator[Check]:
    """Clients that reach the primary find a way into the replica."""
    ways, there = _ways_in(question.primary), _ways_in(question.replica)
    if ways is None or there is None or not ways:
        return
    if there:
        yield Check("way-in", question.replica.name, Weight.GOOD, ", ".join(there))
        return
    do = "give it the firewall rules or a private endpoint before: `holdfast mirror` does"
    yield Check("way-in", question.replica.name, question.unless_forced, "nobody gets in", ", ".join(ways), do)


def parameters(question: Question) -> Iterator[Check]:
    """The values without which a server cannot replicate, and those that both must have alike to change places."""
    for seen in question.pair:
        yield from _level(question, seen)
    if question.way is not Way.SWITCHOVER:
        return
    here, there = (_values(seen) for seen in question.pair)
    differs = [name for name in SHARED_MEMORY if name in here and name in there and here[name] != there[name]]
    if differs:
        found, wanted = (", ".join(f"{name} {values[name]}" for name in differs) for values in (there, here))
        do = "set them alike on both and restart: Azure lets servers change places only then"
        yield Check("shared-memory", question.replica.name, question.unless_forced, found, wanted, do)
    elif set(SHARED_MEMORY) & here.keys() & there.keys():
        yield Check("shared-memory", question.replica.name, Weight.GOOD, "as on the primary")


def pending_restart(question: Question) -> Iterator[Check]:
    """No stored value waits for a restart: a promotion restarts, and then it counts."""
    for seen in question.pair:
        parameters = seen.state.parameters.values() if seen.state else ()
        waits = sorted(one.name for one in parameters if one is not None and one.pending_restart)
        if waits:
            do = "it counts from the promotion on; take it back first if that is not meant"
            yield Check("pending-restart", seen.name, Weight.WARN, ", ".join(waits), "nothing waits for a restart", do)


def locks(question: Question) -> Iterator[Check]:
    """No lock forbids the change; of a switchover both servers change."""
    changed = question.pair if question.way is Way.SWITCHOVER else (question.replica,)
    for seen in changed:
        held = seen.state.children.get(FacetKind.LOCKS, {}) if seen.state else {}
        for name, texts in held.items():
            level = texts.get("level", "")
            forbids = level.lower() == "readonly"
            weight = Weight.BLOCK if forbids else Weight.GOOD
            do = "ask who placed it, and have it taken away for as long as this takes" if forbids else ""
            found = f"{level} {name.rpartition('/')[2]}"
            yield Check("lock", seen.name, weight, found, "no ReadOnly lock" if forbids else "", do)


def parity(question: Question) -> Iterator[Check]:
    """What the replica has otherwise: a promotion carries nothing over."""
    primary, replica = question.pair
    differs = roles.differences(primary, replica)
    if differs is None:
        return
    found = [one for one in differs if not _checked(one)]
    if not found:
        yield Check("parity", replica.name, Weight.GOOD, "as the primary, as far as it was read")
        return
    more = f" and {len(found) - _MOST} more" if len(found) > _MOST else ""
    names = ", ".join(str(one.setting) for one in found[:_MOST])
    do = f"`holdfast mirror {primary.name} {replica.name}` gives it what the primary has, before or after"
    text = f"{len(found)} settings differ: {names}{more}"
    yield Check("parity", replica.name, Weight.WARN, text, "as the primary", do)


def _checked(one: Drift) -> bool:
    """Whether another check speaks of it."""
    return one.setting.kind is SettingKind.PARAMETER and one.setting.name in SHARED_MEMORY


def _level(question: Question, seen: Seen) -> Iterator[Check]:
    name = "azure.replication_support" if seen.target.kind is Kind.SINGLE else "wal_level"
    value = _values(seen).get(name)
    if value is not None:
        good = value.lower() in _LEVELS
        weight, do = (Weight.GOOD, "") if good else (question.unless_forced, f"set {name} to replica, and restart")
        yield Check("wal-level", seen.name, weight, f"{name} {value}", " or ".join(_LEVELS), do)


def _values(seen: Seen) -> Mapping[str, str]:
    held: Mapping[str, Parameter | None] = seen.state.parameters if seen.state else {}
    return {name: one.value for name, one in held.items() if one is not None}


def _ways_in(seen: Seen) -> list[str] | None:
    """How anybody gets in; None where that was not seen."""
    state = seen.state
    if state is None or state.server is None or state.firewall_rules is None:
        return None
    server = state.server
    ways = ["virtual network"] if server.virtual_network else []
    ways += ["private endpoint"] if server.approved_endpoints else []
    rules = rules_in_force(state)
    count = 0 if isinstance(rules, NotApplicable) else len(rules)
    ways += [f"{count} firewall rules"] if count else []
    subnets = len(state.children.get(FacetKind.VIRTUAL_NETWORK_RULES, {}))
    return ways + ([f"{subnets} virtual network rules"] if subnets else [])


CHECKS = (
    endpoints,
    connection_strings,
    old_primary,
    other_replicas,
    way_in,
    parameters,
    pending_restart,
    locks,
    parity,
)
