"""What is looked at once a replica was promoted: what has to be so, what people have to do. Pure.

A check that forbids (`block`) says that the promotion did not do all it should have; a warning names work for people.
"""

from collections.abc import Iterator

from shared.failover import roles
from shared.failover.book import Failover
from shared.failover.checks_access import way_in
from shared.failover.model import Check, Question, Seen, Survey, Way, Weight
from shared.journal import FindingLine
from shared.state import FacetKind
from shared.target import Kind

_MOST = 10
_SEVERITIES = {Weight.BLOCK: "high", Weight.WARN: "medium", Weight.GOOD: "low"}


def afterwards(failover: Failover, survey: Survey, new: Seen) -> tuple[Check, ...]:
    """Everything there is to say: of the old primary, which the survey is about, and of the new one."""
    old = survey.primary
    found = (
        *_new_primary(new),
        *_endpoints(failover, old, new),
        *_old_primary(failover, old, new),
        *_differences(old, new),
        *_way_in(Question(survey, new, failover.option, failover.way)),
        *_alert_rules(old, new),
        *_high_availability(failover, new),
        *_by_hand(failover),
    )
    order = (Weight.BLOCK, Weight.WARN, Weight.GOOD)
    return tuple(sorted(found, key=lambda check: order.index(check.weight)))


def lines(checks: tuple[Check, ...], when: str = "after the promotion") -> tuple[FindingLine, ...]:
    """What is not well, as records and messages show it."""
    return tuple(
        FindingLine(
            control=f"failover-{check.name}",
            title=f"{check.name.replace('-', ' ')} of {check.server}",
            severity=_SEVERITIES[check.weight],
            setting=check.name,
            found=check.found,
            wanted=check.wanted or "nothing to do",
            why=f"found {when}",
            verb="tell",
            reason="a failover changes roles and endpoints, the rest is for people",
            person=check.do,
        )
        for check in checks
        if check.weight is not Weight.GOOD
    )


def _new_primary(new: Seen) -> Iterator[Check]:
    if new.state is None or new.state.server is None:
        yield Check("role", new.name, Weight.BLOCK, f"cannot be read: {new.why}", "a primary", "look at it by hand")
        return
    follows = roles.source(new.state)
    if follows:
        found = f"it still follows {follows.rpartition('/')[2]}"
        yield Check("role", new.name, Weight.BLOCK, found, "a primary", "call `holdfast failover` again")
    else:
        yield Check("role", new.name, Weight.GOOD, roles.role(new.state) or "follows nobody")
    state = new.state.server.state
    if state.lower() != "ready":
        do = "wait until it is Ready; until then clients may be turned away"
        yield Check("state", new.name, Weight.WARN, state or "Azure tells no state", "Ready", do)


def _endpoints(failover: Failover, old: Seen, new: Seen) -> Iterator[Check]:
    """The writer of each virtual endpoint leads to the new primary, as far as the endpoint's members tell."""
    if new.target.kind is not Kind.FLEXIBLE:
        return
    for one in roles.endpoints(new, old):
        first = one.members[0] if one.members else "nobody"
        leads = f"{one.writer} leads to {first}"
        if first.lower() == new.name:
            yield Check("virtual-endpoint", new.name, Weight.GOOD, leads)
            continue
        weight = Weight.BLOCK if failover.way is Way.SWITCHOVER else Weight.WARN
        do = (
            f"az postgres flexible-server virtual-endpoint delete -g {old.target.resource_group} --server-name"
            f" {old.name} -n {one.name}, then create it on {new.name}: its clients follow then"
        )
        yield Check("virtual-endpoint", new.name, weight, leads, f"{one.writer} leads to {new.name}", do)


def _old_primary(failover: Failover, old: Seen, new: Seen) -> Iterator[Check]:
    if old.state is None or old.state.server is None:
        do = "look at it when it answers again: it may still take writes"
        yield Check("old-primary", old.name, Weight.WARN, f"cannot be read: {old.why}", "", do)
        return
    if failover.way is Way.SWITCHOVER:
        follows = roles.follows(old, new.target)
        do = "delete it and make a new replica, if Azure does not connect it by itself"
        found = f"{roles.role(old.state)} of {new.name}" if follows else roles.role(old.state) or "follows nobody"
        weight = Weight.GOOD if follows else Weight.BLOCK
        wanted = "" if follows else f"a replica of {new.name}"
        yield Check("old-primary", old.name, weight, found, wanted, "" if follows else do)
        return
    do = f"keep clients from writing there, then delete it; make a new replica of {new.name} in its place"
    yield Check("old-primary", old.name, Weight.WARN, "it still takes writes", "one server takes writes", do)


def _differences(old: Seen, new: Seen) -> Iterator[Check]:
    found = roles.differences(old, new)
    if found is None:
        return
    if not found:
        yield Check("parity", new.name, Weight.GOOD, f"as {old.name}, as far as it was read")
        return
    more = f" and {len(found) - _MOST} more" if len(found) > _MOST else ""
    names = ", ".join(str(one.setting) for one in found[:_MOST])
    do = f"`holdfast mirror {old.name} {new.name}` gives it what the old primary has"
    yield Check("parity", new.name, Weight.WARN, f"{len(found)} settings differ: {names}{more}", f"as {old.name}", do)


def _way_in(question: Question) -> Iterator[Check]:
    yield from (check for check in way_in(question) if check.weight is not Weight.GOOD)


def _alert_rules(old: Seen, new: Seen) -> Iterator[Check]:
    """Alert rules that watch the old server only."""
    if old.state is None or new.state is None:
        return
    alerts = _alerts(old) - _alerts(new)
    if alerts:
        do = f"let them watch {new.name}, too"
        found = f"{len(alerts)} watch only {old.name}: {', '.join(sorted(alerts)[:_MOST])}"
        yield Check("alert-rules", new.name, Weight.WARN, found, "they watch the primary", do)


def _high_availability(failover: Failover, new: Seen) -> Iterator[Check]:
    had = next((check for check in failover.checks if check.name == "high-availability"), None)
    if had is not None:
        do = f"switch it on for {new.name}: a replica has none, so the new primary begins without"
        yield Check("high-availability", new.name, Weight.WARN, "none", had.wanted, do)


def _alerts(seen: Seen) -> set[str]:
    found = seen.state.children.get(FacetKind.METRIC_ALERTS, {}) if seen.state else {}
    return {one.rpartition("/")[2] for one in found}


def _by_hand(failover: Failover) -> Iterator[Check]:
    old, new = failover.old.name, failover.new.name
    if failover.way is Way.STANDALONE:
        do = f"change {old} to {new} in connection strings, private DNS records and firewalls of applications"
        yield Check("connection-strings", new, Weight.WARN, f"clients call {old}", f"clients call {new}", do)
    do = f"where the policy names {new} as a replica or {old} as a primary, change the names"
    yield Check("policy", new, Weight.GOOD, "roles have changed", "", do)
