"""What forbids a failover, what only has to be known, and what an emergency may pass over."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.control import Risk
from shared.failover import roles
from shared.failover.model import Option, Question, Seen, Survey, Way, Weight, blocking
from shared.failover.outline import outline
from shared.failover.preflight import preflight
from shared.journal import Report
from shared.memory import Memory, Remediation
from shared.orders import Exemption, Hold, Orders
from shared.state import FIREWALL_RULES, Parameter, State
from shared.target import Kind
from tests.builders import NOON
from tests.failover.builders import VE, a_primary, a_replica, a_survey, asked, found, named, seen, weights

GOOD, WARN, BLOCK = Weight.GOOD, Weight.WARN, Weight.BLOCK


def test_a_pair_in_good_order_may_change_places() -> None:
    question = asked()
    assert question.way is Way.SWITCHOVER
    assert {check.weight for check in preflight(question)} == {GOOD}


def a_pair(primary: dict[str, Any] | None = None, replica: dict[str, Any] | None = None) -> Survey:
    given: dict[str, Any] = {"endpoints": VE, **(primary or {})}
    return a_survey(seen(a_primary(**given)), seen(a_replica(**(replica or {}))))


@pytest.mark.parametrize(
    ("survey", "name", "planned", "forced"),
    [
        (a_pair({"state": "Updating"}), "state", {BLOCK, GOOD}, {WARN, GOOD}),
        (a_pair(None, {"state": "Stopped"}), "state", {GOOD, BLOCK}, {GOOD, BLOCK}),
        (a_pair(None, {"facts": {"replica.replicationState": "Broken"}}), "replication", {BLOCK}, {WARN}),
        (a_pair(None, {"facts": {"version": "15"}}), "version", {BLOCK}, {WARN}),
        (a_pair(None, {"facts": {"sku.name": "Standard_D4ds_v5"}}), "size", {BLOCK}, {WARN}),
        (a_pair(None, {"facts": {"storage.storageSizeGB": "256"}}), "size", {BLOCK}, {WARN}),
        (a_pair(None, {"parameters": {"max_connections": "50"}}), "shared-memory", {BLOCK}, {WARN}),
        (a_pair({"parameters": {"wal_level": "minimal"}}), "wal-level", {BLOCK, GOOD}, {WARN, GOOD}),
        (a_pair(None, {"locks": {"keep": "ReadOnly"}}), "lock", {BLOCK}, {BLOCK}),
        (a_pair({"locks": {"keep": "ReadOnly"}}), "lock", {BLOCK}, {BLOCK}),
        (a_pair({"locks": {"keep": "CanNotDelete"}}), "lock", {GOOD}, {GOOD}),
        (a_pair({"endpoints": {"ve-app": ("pg-a", "pg-c")}}), "virtual-endpoint", {BLOCK}, {WARN}),
        (a_pair({"endpoints": {}}), "irreversible", {WARN}, {WARN}),
        (a_pair({"endpoints": {}}), "two-primaries", {WARN}, {WARN}),
        (a_pair({"endpoints": {}}), "connection-strings", {WARN}, {WARN}),
        (a_pair(None, {"rules": ()}), "way-in", {GOOD}, {GOOD}),
        (a_pair(None, {"rules": (), "approved_endpoints": 0}), "way-in", {BLOCK}, {WARN}),
        (a_pair({"facts": {"highAvailability.mode": "ZoneRedundant"}}), "high-availability", {WARN}, {WARN}),
        (a_pair({"facts": {"highAvailability.state": "FailingOver"}}), "standby", {BLOCK}, {WARN}),
        (a_pair({"facts": {"highAvailability.state": "Healthy"}}), "standby", set(), set()),
        (a_pair({"facts": {"backup.geoRedundant": "Enabled"}}), "geo-backup", {WARN}, {WARN}),
        (a_pair(None, {"facts": {"location": "uksouth"}}), "region", {WARN}, {WARN}),
        (a_pair(None, {"facts": {"location": "North Europe"}}), "region", {GOOD}, {GOOD}),
        (a_pair(), "region", {GOOD}, {WARN}),
        (
            a_pair(None, {"facts": {"dataEncryption.primaryEncryptionKeyStatus": "Invalid"}}),
            "encryption-key",
            {BLOCK},
            {BLOCK},
        ),
        (
            a_pair({"facts": {"dataEncryption.primaryEncryptionKeyStatus": "Invalid"}}),
            "encryption-key",
            {BLOCK},
            {WARN},
        ),
        (a_pair(None, {"rules": ()}), "parity", {WARN}, {WARN}),
    ],
)
def test_what_each_finding_weighs(survey: Survey, name: str, planned: set[Weight], forced: set[Weight]) -> None:
    assert weights(survey, name) == (planned, forced)


@pytest.mark.parametrize(
    ("seconds", "planned", "forced"),
    [(1, {GOOD}, {WARN}), (300, {GOOD}, {WARN}), (301, {BLOCK}, {WARN}), (None, {WARN}, {WARN})],
)
def test_a_replica_far_behind_is_waited_for(seconds: float | None, planned: set[Weight], forced: set[Weight]) -> None:
    survey = a_survey(None, seen(a_replica(), seconds))
    assert weights(survey, "lag") == (planned, forced)


@pytest.mark.parametrize("kind", [Kind.SINGLE, Kind.CITUS])
def test_where_azure_does_not_wait_an_unknown_lag_forbids_it(kind: Kind) -> None:
    survey = a_survey(seen(a_primary(kind=kind)), seen(a_replica(kind=kind), None))
    assert weights(survey, "lag") == ({BLOCK}, {WARN})


def test_a_forced_failover_says_how_much_is_lost() -> None:
    (check,) = found(asked(a_survey(None, seen(a_replica(), 42)), Option.FORCED), "lag")
    assert check.do == "what was written in these 42 s is lost"


def test_a_primary_that_does_not_answer_can_only_be_left_by_force() -> None:
    gone = Seen(named("pg-a"), None, "503")
    survey = a_survey(gone, seen(a_replica()), listed=False)
    assert weights(survey, "readable") == ({BLOCK}, {WARN})
    assert not blocking(preflight(asked(survey, Option.FORCED)))


def test_what_cannot_be_seen_is_said() -> None:
    survey = a_survey(None, seen(a_replica(), unseen={FIREWALL_RULES: "403"}))
    (check,) = found(asked(survey), "readable")
    assert (check.weight, check.found) == (WARN, "firewallRules: 403")


@pytest.mark.parametrize("replica", [a_replica(of="pg-other"), a_primary("pg-b")], ids=["of another", "follows nobody"])
def test_only_a_replica_of_this_very_server_takes_its_place(replica: State) -> None:
    assert weights(a_survey(None, seen(replica)), "role") == ({BLOCK}, {BLOCK})


def test_a_replica_is_no_primary() -> None:
    survey = a_survey(seen(a_replica("pg-a", of="pg-x")), seen(a_replica()))
    assert BLOCK in weights(survey, "role")[1]


def _held(seen_: Seen) -> Survey:
    hold = Hold("h1", seen_.target.id.lower(), "we move house", "Ada", NOON)
    return a_survey(orders=Orders((hold,)))


def _opened() -> Memory:
    report = Report("r", named("pg-b").id, "low", NOON)
    return Memory(open=Remediation("r", ("tls-required",), (), report, NOON))


@pytest.mark.parametrize(
    ("survey", "name"),
    [
        (_held(a_survey().primary), "hold"),
        (_held(a_survey().replicas[0]), "hold"),
        (a_survey(None, seen(a_replica(), break_glass_until=NOON + timedelta(hours=1))), "break-glass"),
        (a_survey(None, seen(a_replica(), busy="switchover of pg-x")), "other-failover"),
        (a_survey(None, seen(a_replica(), memory=_opened())), "open-change"),
    ],
)
def test_no_force_passes_over_what_people_ordered(survey: Survey, name: str) -> None:
    assert weights(survey, name) == ({BLOCK}, {BLOCK})


def test_an_exemption_that_the_new_primary_lacks_is_told() -> None:
    one = Exemption("e", named("pg-a").id.lower(), ("tls-required",), "old client", "Ada", NOON + timedelta(hours=5))
    (check,) = found(asked(a_survey(exemptions=(one,))), "exemption")
    assert check.do.endswith("(for 5 h)")
    everywhere = replace(one, scope="")
    assert not found(asked(a_survey(exemptions=(everywhere,))), "exemption")


def test_a_value_that_waits_for_a_restart_is_told() -> None:
    state = a_replica()
    waits = {**state.parameters, "shared_buffers": Parameter("shared_buffers", "1", pending_restart=True)}
    (check,) = found(asked(a_survey(None, seen(replace(state, parameters=waits)))), "pending-restart")
    assert (check.weight, check.found) == (WARN, "shared_buffers")


@pytest.mark.parametrize(
    ("primary", "says"),
    [
        (a_primary(endpoints=VE, replicas=("pg-b", "pg-c")), "pg-c: they follow pg-b from then on"),
        (a_primary(replicas=("pg-b", "pg-c")), "pg-c: they go on following pg-a"),
    ],
)
def test_the_other_replicas_are_spoken_of(primary: State, says: str) -> None:
    survey = a_survey(seen(primary), seen(a_replica()), seen(a_replica("pg-c")))
    assert [check.found for check in found(asked(survey), "other-replicas")] == [says]


@pytest.mark.parametrize("kind", [Kind.SINGLE, Kind.CITUS])
def test_single_servers_and_clusters_can_only_stand_alone(kind: Kind) -> None:
    question = asked(a_survey(seen(a_primary(kind=kind)), seen(a_replica(kind=kind))))
    assert not blocking(preflight(question))
    change = roles.promotion(question)
    assert (question.way, change.risk, change.after) == (Way.STANDALONE, Risk.IRREVERSIBLE, {"replicationRole": "None"})


def test_what_is_changed_names_the_pair_and_the_manner() -> None:
    change = roles.promotion(asked())
    assert change.before == {"replicationRole": "AsyncReplica", "source": named("pg-a").id}
    assert change.after == {"replicationRole": "Primary", "promoteMode": "Switchover", "promoteOption": "Planned"}
    assert change.risk is Risk.MAY_CUT_CLIENTS


def test_the_steps_say_who_does_what_and_what_is_lost() -> None:
    texts = [f"{step.by}: {step.text}" for step in outline(asked(option=Option.FORCED))]
    assert "Azure: pg-b goes with what it has; what it lacks is lost" in texts
    alone = [step.text for step in outline(asked(a_survey(seen(a_primary()), seen(a_replica()))))]
    assert alone[0] == "stop what writes to pg-a"
    assert alone[-1] == "point clients to pg-b"


# -- laws -------------------------------------------------------------------------------------------------------------

_STATES = st.sampled_from(["Ready", "Updating", "Stopped", "Inaccessible", ""])
_FACTS = st.fixed_dictionaries(
    {},
    optional={
        "version": st.sampled_from(["15", "16"]),
        "sku.name": st.sampled_from(["Standard_D2ds_v5", "Standard_D4ds_v5"]),
        "location": st.sampled_from(["westeurope", "North Europe", "uksouth"]),
        "replica.replicationState": st.sampled_from(["Active", "Broken", "Catchup"]),
        "dataEncryption.primaryEncryptionKeyStatus": st.sampled_from(["Valid", "Invalid"]),
        "storage.storageSizeGB": st.sampled_from(["64", "128", "much"]),
    },
)
_LOCKS = st.dictionaries(st.just("keep"), st.sampled_from(["ReadOnly", "CanNotDelete"]), max_size=1)


@st.composite
def surveys(draw: st.DrawFn) -> Survey:
    kind = draw(st.sampled_from(list(Kind)))
    endpoints = draw(st.sampled_from([{}, VE, {"ve-app": ("pg-a",)}])) if kind is Kind.FLEXIBLE else {}
    one = a_primary(kind=kind, state=draw(_STATES), facts=draw(_FACTS), locks=draw(_LOCKS), endpoints=endpoints)
    two = a_replica(kind=kind, state=draw(_STATES), facts=draw(_FACTS), locks=draw(_LOCKS))
    primary = draw(st.sampled_from([seen(one), Seen(one.target, None, "503")]))
    replica = seen(two, draw(st.sampled_from([None, 0, 10, 400])), busy=draw(st.sampled_from(["", "another"])))
    holds = draw(st.sampled_from([(), (Hold("h", two.target.id.lower(), "stop", "Ada", NOON),)]))
    return a_survey(primary, replica, orders=Orders(holds))


_NEVER_PASSED_OVER = {"role", "lock", "hold", "break-glass", "other-failover", "open-change"}


@given(surveys())
def test_force_only_ever_turns_a_no_into_a_warning(survey: Survey) -> None:
    planned, forced = (asked(survey, option) for option in (Option.PLANNED, Option.FORCED))
    no, still = (_blocked(question) for question in (planned, forced))
    # Another way is other checks: only an endpoint that leads elsewhere changes it.
    if planned.way is forced.way:
        assert still <= no
    assert {pair for pair in no if pair[0] in _NEVER_PASSED_OVER and pair in _judged(forced)} <= still


@given(surveys())
def test_a_replica_that_is_not_ready_or_held_never_takes_over(survey: Survey) -> None:
    replica = survey.replicas[0]
    assert replica.state is not None
    assert replica.state.server is not None
    unfit = replica.state.server.state != "Ready" or replica.busy or survey.orders.holds
    for option in Option:
        assert not unfit or blocking(preflight(asked(survey, option)))


@given(surveys(), st.sampled_from(list(Option)))
def test_every_no_says_what_was_found_and_what_to_do(survey: Survey, option: Option) -> None:
    for check in preflight(asked(survey, option)):
        assert check.name
        assert check.found
        assert check.weight is not BLOCK or (check.wanted and check.do)


def _blocked(question: Question) -> set[tuple[str, str]]:
    return {(check.name, check.server) for check in blocking(preflight(question))}


def _judged(question: Question) -> set[tuple[str, str]]:
    return {(check.name, check.server) for check in preflight(question)}
