"""Pre-flight, first part: what the two servers are, how they do, how far apart they are. Pure.

What a promotion needs: learn.microsoft.com, "Promote read replicas" of flexible servers (states, symmetry, what is not
carried over) and "Read replicas" of single servers (what a stopped replication leaves).
"""

from collections.abc import Iterator
from datetime import datetime

from shared.failover import roles
from shared.failover.model import Check, Option, Question, Way, Weight
from shared.failover.regions import paired
from shared.ports import Lag
from shared.target import Kind

_BROKEN = ("broken", "provisioning", "reconfiguring", "updating")
_STANDBY_MOVES = ("failingover", "creatingstandby", "removingstandby", "replicatingdata")
_KEY_STATES = ("dataEncryption.primaryEncryptionKeyStatus", "dataEncryption.geoBackupEncryptionKeyStatus")


def readable(question: Question) -> Iterator[Check]:
    """Both servers can be seen at all."""
    wanted = "the server can be read"
    for seen, weight in ((question.primary, question.unless_forced), (question.replica, Weight.BLOCK)):
        if seen.state is None:
            do = "give the identity the right to read it, or wait until Azure answers again"
            yield Check("readable", seen.name, weight, seen.why, wanted, do)
    for seen in question.pair:
        for facet, why in sorted(seen.unseen.items()):
            do = "what stands there is not compared; give the identity the right to read it"
            yield Check("readable", seen.name, Weight.WARN, f"{facet}: {why}", "it can be read", do)


def roles_of_both(question: Question) -> Iterator[Check]:
    """The one is a primary, the other is its replica."""
    primary, replica = question.pair
    if roles.is_replica(primary) and primary.state is not None:
        found = f"it follows {_name(roles.source(primary.state))} itself"
        do = "name the primary, and with --to the replica that is to take over"
        yield Check("role", primary.name, Weight.BLOCK, found, "a server that follows nobody", do)
    if replica.state is None:
        return
    if roles.follows(replica, primary.target):
        yield Check("role", replica.name, Weight.GOOD, f"{roles.role(replica.state)} of {primary.name}")
        return
    source = roles.source(replica.state)
    found = f"it follows {_name(source)}" if source else "it follows nobody"
    do = "name one of the replicas with --to; a server that is none cannot take over"
    yield Check("role", replica.name, Weight.BLOCK, found, f"a replica of {primary.name}", do)


def states(question: Question) -> Iterator[Check]:
    """Both servers are ready: Azure promotes none that is busy, stopped or without its key."""
    for seen, weight in ((question.primary, question.unless_forced), (question.replica, Weight.BLOCK)):
        if seen.state is None or seen.state.server is None:
            continue
        found = seen.state.server.state or "Azure tells no state"
        good = found.lower() == "ready"
        do = "" if good else "wait until it is Ready, or start it; `az resource show --ids` tells what it is doing"
        yield Check("state", seen.name, Weight.GOOD if good else weight, found, "Ready", do)


def standby(question: Question) -> Iterator[Check]:
    """The primary's standby is not just being made, taken away or switched to."""
    found = question.primary.facts.get("highAvailability.state", "")
    if found.lower() in _STANDBY_MOVES:
        do = "wait until it is Healthy, or NotEnabled"
        yield Check("standby", question.primary.name, question.unless_forced, found, "Healthy or NotEnabled", do)


def replication(question: Question) -> Iterator[Check]:
    """Azure calls the replication itself well."""
    found = question.replica.facts.get("replica.replicationState", "")
    if found.lower() in _BROKEN:
        do = "wait, or ask Azure why; a broken replica is deleted and made anew"
        yield Check("replication", question.replica.name, question.unless_forced, found, "Active", do)
    elif found:
        yield Check("replication", question.replica.name, Weight.GOOD, found)


def lag(question: Question) -> Iterator[Check]:
    """The replica is not far behind: a planned failover waits for it, a forced one loses what it has not got."""
    seen, most = question.replica.lag, question.survey.rules.max_lag_seconds
    wanted = f"at most {most:g} s (failover.max_lag_seconds)"
    name, forced = question.replica.name, question.option is Option.FORCED
    if seen.seconds is None:
        # Only a flexible server waits for what the replica lacks; the others go with what they have.
        waits = question.replica.target.kind is Kind.FLEXIBLE and not forced
        weight = Weight.WARN if waits else question.unless_forced
        do = "planned, Azure waits until the replica has everything, however long that takes" if waits else _LOSS
        yield Check("lag", name, weight, f"not known: {seen.why}", wanted, do)
        return
    found = f"{_seconds(seen)} behind{_measured(seen.at)}"
    if seen.seconds <= most and not forced:
        yield Check("lag", name, Weight.GOOD, found, wanted)
    elif forced:
        yield Check("lag", name, Weight.WARN, found, "", f"what was written in these {_seconds(seen)} is lost")
    else:
        idle = " (or nobody writes: this metric grows then)" if question.replica.target.kind is Kind.SINGLE else ""
        do = f"wait until it has caught up; look for long transactions and bursts of writing on the primary{idle}"
        yield Check("lag", name, Weight.BLOCK, found, wanted, do)


_LOSS = "what the replica has not received is lost, and nobody can say how much that is"


def versions(question: Question) -> Iterator[Check]:
    """Both run the same major version."""
    primary, replica = (seen.facts.get("version", "") for seen in question.pair)
    if primary and replica:
        good = primary == replica
        weight, do = (Weight.GOOD, "") if good else (question.unless_forced, "upgrade both to the same major version")
        yield Check("version", question.replica.name, weight, replica, f"{primary}, as the primary", do)


def size(question: Question) -> Iterator[Check]:
    """The replica can carry the load; to change places, both have to be alike."""
    here, there = (roles.sizes(seen) for seen in question.pair)
    differs = [words for words in here if words in there and here[words] != there[words]]
    stored, store = (roles.storage(seen) for seen in question.pair)
    smaller = [words for words in stored if words in store and store[words] < stored[words]]
    larger = [words for words in stored if words in store and store[words] > stored[words]]
    switches = question.way is Way.SWITCHOVER
    found = [f"{words} {there[words]}" for words in differs]
    found += [f"{words} {store[words]}" for words in (*smaller, *(larger if switches else ()))]
    wanted = [f"{words} {here[words]}" for words in differs]
    wanted += [f"{words} {stored[words]}" for words in (*smaller, *(larger if switches else ()))]
    if not found:
        if here and there:
            yield Check("size", question.replica.name, Weight.GOOD, ", ".join(there.values()))
        return
    weight = question.unless_forced if switches else Weight.WARN
    do = (
        "give both the same compute, tier and storage: Azure lets only servers of one size change places"
        if switches
        else "scale it after the promotion, or before; as it is, it may not carry the load"
    )
    yield Check("size", question.replica.name, weight, ", ".join(found), ", ".join(wanted), do)


def keys(question: Question) -> Iterator[Check]:
    """Keys that encrypt the servers can be reached: a server without its key refuses connections."""
    for seen, weight in ((question.primary, question.unless_forced), (question.replica, Weight.BLOCK)):
        found = [seen.facts[name] for name in _KEY_STATES if seen.facts.get(name)]
        bad = [status for status in found if status.lower() == "invalid"]
        if bad:
            do = "give its identity the rights to wrap and unwrap with the key back; enable the key and its vault"
            yield Check("encryption-key", seen.name, weight, ", ".join(bad), "Valid", do)
        elif found:
            yield Check("encryption-key", seen.name, Weight.GOOD, ", ".join(found))


def regions(question: Question) -> Iterator[Check]:
    """Where the replica is: a lost region takes a replica in it along."""
    primary, replica = (roles.region(seen) for seen in question.pair)
    if not primary or not replica:
        return
    same = primary == replica
    found = f"{replica}, {'as the primary' if same else f'the primary is in {primary}'}"
    if same and question.option is Option.FORCED:
        do = "if the region is in trouble, take a replica in another one with --to"
        yield Check("region", question.replica.name, Weight.WARN, found, "another region", do)
    elif not same and not paired(primary, replica):
        do = "clients have a longer way; in an outage Azure connects further replicas late"
        yield Check("region", question.replica.name, Weight.WARN, found, "the region paired with it, or the same", do)
    else:
        yield Check("region", question.replica.name, Weight.GOOD, found)


def not_carried_over(question: Question) -> Iterator[Check]:
    """What the primary has and no replica can have."""
    facts, name = question.primary.facts, question.replica.name
    if facts.get("highAvailability.mode", "").lower() not in ("", "disabled", "notenabled", "false"):
        ends = "; Azure switches it off on the old one" if question.way is Way.SWITCHOVER else ""
        do = f"switch high availability on for the new primary afterwards{ends}"
        yield Check("high-availability", name, Weight.WARN, "a replica has none", facts["highAvailability.mode"], do)
    if facts.get("backup.geoRedundant", "").lower() in ("enabled", "true"):
        do = "nothing can give it geo-redundant backups later: plan a server that has them from the beginning"
        yield Check("geo-backup", name, Weight.WARN, "a replica has none, now or later", "Enabled, as the primary", do)


CHECKS = (readable, roles_of_both, states, standby, replication, lag, versions, size, keys, regions, not_carried_over)


def _seconds(lag: Lag) -> str:
    return f"{lag.seconds or 0:.0f} s"


def _measured(at: datetime | None) -> str:
    return f", measured at {at:%H:%M} UTC" if at else ""


def _name(server_id: str) -> str:
    return server_id.rpartition("/")[2]
