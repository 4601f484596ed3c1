"""As few reads as possible, never too few."""

from dataclasses import replace

import pytest

from shared.control import Control
from shared.memory import Copied, Memory
from shared.originals import PARITY
from shared.plan import Judge
from shared.policy import ControlPolicy, Mode, Policy, Scope
from shared.scope import Place
from shared.select import able, controls_for, facets_of, facets_to_read, judges_for
from shared.state import (
    ADMINISTRATORS,
    COLLECTIONS,
    FIREWALL_RULES,
    ORIGINAL,
    SERVER,
    Facet,
    FacetKind,
    Setting,
    SettingKind,
    parameter,
)
from shared.target import Kind
from tests.builders import CATALOGUE, NOON, a_policy, a_target, a_trigger
from tests.shared.judges import silent
from tests.shared.test_outside import GROUP, KV, ROLE
from tests.shared.test_usage import IDENTITY

TLS, LOG = parameter("require_secure_transport"), parameter("log_connections")
SEEN = Memory(seen=("server",))
COPY = Memory(seen=("server",), copied=Copied(a_target("pg-source").id, NOON, replica=True))
RULE_WRITE = "firewallrules/write"


def judges() -> list[Judge]:
    """One control about each kind of facet, and one about two."""
    return [
        silent(name="door", facets=(SERVER,), operations=frozenset({"write"})),
        silent(name="rules", facets=(FIREWALL_RULES,), operations=frozenset({RULE_WRITE})),
        silent(name="tls", facets=(TLS,), operations=frozenset({"configurations/write"})),
        silent(name="log", facets=(LOG,), operations=frozenset({"configurations/write"})),
        silent(name="both", facets=(SERVER, ADMINISTRATORS), operations=frozenset({"administrators/write"})),
    ]


def cards() -> list[Control]:
    return [judge.remediator.control for judge in judges()]


def reads(operation: str, child: str = "", memory: Memory = SEEN) -> set[str]:
    """What one trigger makes us read."""
    return set(map(str, facets_to_read(cards(), [a_trigger(operation=operation, child=child)], memory)))


ALL = {"server", "firewallRules", "administrators", str(TLS), str(LOG)}


@pytest.mark.parametrize(
    ("operation", "child", "facets"),
    [
        ("write", "", {"server"}),
        ("firewallrules/write", "firewallrules/app", {"firewallRules"}),
        ("configurations/write", "configurations/log_connections", {str(LOG)}),
        ("configurations/write", "configurations/work_mem", set()),
        ("configurations/write", "", {str(TLS), str(LOG)}),
        ("configurations/write", "configurations", {str(TLS), str(LOG)}),
        ("administrators/write", "administrators/x", {"server", "administrators"}),
        ("restart/action", "", set()),
        ("firewallrules/delete", "firewallrules/app", set()),
        ("microsoft.authorization/locks/write", "providers/microsoft.authorization/locks/keep", set()),
        ("delete", "", {"server"}),
        ("*", "", ALL),
    ],
)
def test_a_trigger_reads_what_it_can_have_broken(operation: str, child: str, facets: set[str]) -> None:
    assert reads(operation, child) == facets


@pytest.mark.parametrize("operation", ["write", "restart/action", "firewallrules/write"])
def test_a_server_never_seen_is_read_whole(operation: str) -> None:
    assert reads(operation, memory=Memory()) == ALL


def test_without_a_trigger_nothing_is_read() -> None:
    assert facets_to_read(cards(), [], SEEN) == frozenset()
    assert facets_to_read(cards(), [], Memory()) == frozenset()


def test_several_triggers_read_what_any_of_them_can_have_broken() -> None:
    triggers = [a_trigger(operation="write"), a_trigger(operation=RULE_WRITE)]
    assert facets_to_read(cards(), triggers, SEEN) == {SERVER, FIREWALL_RULES}


@pytest.mark.parametrize(
    ("operation", "child", "count"),
    [
        ("nodeconfigurations/write", "nodeconfigurations/log_connections", 2),
        ("coordinatorconfigurations/write", "coordinatorconfigurations/log_connections", 2),
        ("nodeconfigurations/write", "nodeconfigurations/work_mem", 0),
        ("nodeconfigurations/write", "", 2),
    ],
)
def test_a_clusters_parameter_is_written_for_its_coordinator_or_its_workers(
    operation: str, child: str, count: int
) -> None:
    facets = tuple(parameter(f"{role}/log_connections") for role in ("coordinator", "workers"))
    operations = frozenset({"coordinatorconfigurations/write", "nodeconfigurations/write"})
    card = silent(name="log", facets=facets, operations=operations).remediator.control
    trigger = a_trigger(a_target(kind=Kind.CITUS), operation=operation, child=child)
    assert len(facets_to_read([card], [trigger], SEEN)) == count


def test_the_name_of_a_parameter_is_compared_without_regard_to_case() -> None:
    judge = silent(facets=(parameter("DateStyle"),), operations=frozenset({"configurations/write"}))
    trigger = a_trigger(operation="configurations/write", child="configurations/datestyle")
    assert facets_to_read([judge.remediator.control], [trigger], SEEN) == {parameter("DateStyle")}


def test_all_facets_of_all_controls_are_counted_once() -> None:
    assert set(map(str, facets_of(cards()))) == ALL
    assert facets_of([]) == frozenset()


# Who can judge


@pytest.mark.parametrize(
    ("facets", "names"),
    [
        ({SERVER}, ["door"]),
        ({SERVER, ADMINISTRATORS}, ["door", "both"]),
        ({ADMINISTRATORS}, []),
        ({TLS, FIREWALL_RULES}, ["rules", "tls"]),
        (set(), []),
    ],
)
def test_only_who_was_given_everything_can_judge(facets: set[Facet], names: list[str]) -> None:
    assert [judge.id for judge in able(judges(), frozenset(facets))] == names


# Whose judgement is asked for


USUAL = {name for name, remediator in CATALOGUE.items() if not remediator.control.optional}


def names_for(policy: Policy) -> set[str]:
    return {judge.id for judge in judges_for(CATALOGUE, policy, Place(a_target()))}


@pytest.mark.parametrize("mode", [Mode.AUDIT, Mode.NOTIFY, Mode.APPROVE, Mode.ENFORCE])
def test_every_control_is_asked_in_any_mode_but_off(mode: Mode) -> None:
    assert names_for(a_policy(mode)) == USUAL
    assert names_for(a_policy(Mode.OFF)) == set()


def test_an_optional_control_is_asked_where_the_policy_names_it() -> None:
    assert names_for(a_policy(log_connections_on=Mode.AUDIT)) == USUAL | {"log-connections-on"}


def test_a_control_that_is_off_is_not_asked() -> None:
    assert names_for(a_policy(tls_required=Mode.OFF)) == USUAL - {"tls-required"}


@pytest.mark.parametrize("own", [ControlPolicy(mode=Mode.AUDIT), ControlPolicy(first_sight=Mode.AUDIT)])
def test_a_control_that_is_half_on_is_asked(own: ControlPolicy) -> None:
    assert names_for(Policy(mode=Mode.OFF, controls={"tls-required": own})) == {"tls-required"}


def test_a_control_about_other_kinds_of_server_is_not_asked() -> None:
    judge = silent(kinds=frozenset())
    catalogue = {judge.id: judge.remediator}
    assert judges_for(catalogue, Policy(), Place(a_target())) == ()


def test_a_judge_knows_what_the_policy_says_about_its_control() -> None:
    (judge,) = judges_for({"tls-required": CATALOGUE["tls-required"]}, a_policy(Mode.NOTIFY), Place(a_target()))
    assert judge.rule.fresh is Mode.NOTIFY


def test_judges_are_worked_out_once_for_all_places_of_which_a_policy_says_the_same() -> None:
    scope = Scope(scope=a_target("pg-watched").id.lower(), mode=Mode.AUDIT)
    policy = replace(a_policy(Mode.ENFORCE), scopes=(scope,))
    one, other, watched = (judges_for(CATALOGUE, policy, Place(a_target(name))) for name in ("a", "b", "pg-watched"))
    assert one is other
    assert {judge.rule.fresh for judge in watched} == {Mode.AUDIT}
    assert {judge.rule.fresh for judge in one} != {Mode.AUDIT}


def test_judges_of_another_policy_or_catalogue_are_others() -> None:
    tls = {"tls-required": CATALOGUE["tls-required"]}
    policy = a_policy(Mode.ENFORCE)
    assert [judge.id for judge in judges_for(tls, policy, Place(a_target()))] == ["tls-required"]
    assert {judge.id for judge in judges_for(CATALOGUE, policy, Place(a_target()))} == USUAL
    (changed,) = judges_for(tls, a_policy(Mode.NOTIFY), Place(a_target()))
    assert changed.rule.fresh is Mode.NOTIFY


@pytest.mark.parametrize("control", [remediator.control for remediator in CATALOGUE.values()], ids=lambda card: card.id)
def test_every_operation_of_a_card_reads_all_it_needs(control: Control) -> None:
    named = Policy(controls={control.id: ControlPolicy(mode=Mode.AUDIT)})
    for kind in control.kinds:
        controls = controls_for(CATALOGUE, named, kind)
        for operation in control.on(kind).operations:
            trigger = a_trigger(a_target(kind=kind), operation=operation)
            memory = COPY if ORIGINAL in control.facets else SEEN
            assert set(control.on(kind).facets) <= facets_to_read(controls, [trigger], memory)


@pytest.mark.parametrize("operation", [RULE_WRITE, "microsoft.authorization/locks/write"])
@pytest.mark.parametrize("kind", Kind)
def test_a_server_that_is_no_copy_is_read_no_more_for_the_sake_of_copies(operation: str, kind: Kind) -> None:
    named = Policy(controls={name: ControlPolicy(mode=Mode.AUDIT) for name in PARITY})
    trigger = a_trigger(a_target(kind=kind), operation=operation)
    with_it, without = (
        facets_to_read(controls_for(CATALOGUE, one, kind), [trigger], SEEN) for one in (named, Policy())
    )
    assert with_it == without


def test_whoever_asks_for_a_control_that_is_off_has_it_look_on() -> None:
    place = Place(a_target())
    assert not {judge.id for judge in judges_for(CATALOGUE, Policy(), place)} & {*PARITY}
    asked = [judge for judge in judges_for(CATALOGUE, Policy(), place, PARITY) if judge.id in PARITY]
    assert [(judge.rule.fresh, judge.rule.first_sight) for judge in asked] == [(Mode.AUDIT, Mode.AUDIT)] * 2
    assert {control.id for control in controls_for(CATALOGUE, Policy(), Kind.FLEXIBLE, PARITY)} >= {*PARITY}


@pytest.mark.parametrize("what", ["locks", "roleAssignments"])
def test_a_lock_or_role_of_the_server_is_none_of_its_vault(what: str) -> None:
    named = Policy(mode=Mode.AUDIT, controls={name: ControlPolicy(mode=Mode.AUDIT) for name in CATALOGUE})
    kind = f"microsoft.authorization/{what}".lower()
    trigger = a_trigger(operation=f"{kind}/write", child=f"providers/{kind}/keep")
    read = facets_to_read(controls_for(CATALOGUE, named, Kind.FLEXIBLE), [trigger], SEEN)
    assert not {facet.kind for facet in read} & {
        FacetKind.VAULT_LOCKS,
        FacetKind.IDENTITY_LOCKS,
        FacetKind.VAULT_RIGHTS,
    }
    assert read


@pytest.mark.parametrize("name", ["tls", "a.b"])
def test_a_setting_is_shown_by_the_facet_of_its_kind(name: str) -> None:
    facets = {Setting(kind, name).facet for kind in SettingKind if kind is not SettingKind.NEIGHBOUR}
    collections = {Facet(kind) for kind in (*COLLECTIONS.values(), FacetKind.SERVER_KEYS)}
    assert facets == {SERVER, FIREWALL_RULES, ADMINISTRATORS, parameter(name), *collections}


# What stands outside

_NAMED = Policy(mode=Mode.AUDIT, controls={name: ControlPolicy(mode=Mode.AUDIT) for name in CATALOGUE})
_RIGHTS = {FacetKind.SERVER, FacetKind.VAULTS, FacetKind.VAULT_RIGHTS, FacetKind.VAULT_POLICIES}
_ROLE, _LOCK = "microsoft.authorization/roleassignments", "microsoft.authorization/locks"


def read_for(operation: str, child: str) -> set[FacetKind]:
    """What an event about something outside makes us read where every control counts."""
    trigger = a_trigger(operation=operation, child=child.lower())
    return {facet.kind for facet in facets_to_read(controls_for(CATALOGUE, _NAMED, Kind.FLEXIBLE), [trigger], SEEN)}


@pytest.mark.parametrize(
    ("operation", "child", "facets"),
    [
        (f"{_ROLE}/delete", f"{KV}/{ROLE}", _RIGHTS),
        (f"{_ROLE}/write", f"{GROUP}/{ROLE}", _RIGHTS),
        (f"{_ROLE}/write", f"{IDENTITY}/{ROLE}", set()),
        (f"{_LOCK}/delete", f"{KV}/providers/{_LOCK}/keep", {FacetKind.VAULTS, FacetKind.VAULT_LOCKS}),
        (f"{_LOCK}/delete", f"{IDENTITY}/providers/{_LOCK}/keep", {FacetKind.SERVER, FacetKind.IDENTITY_LOCKS}),
        (
            "microsoft.keyvault/vaults/write",
            KV,
            _RIGHTS,
        ),
        (
            "microsoft.keyvault/vaults/delete",
            KV,
            _RIGHTS,
        ),
        ("microsoft.keyvault/vaults/keys/write", f"{KV}/keys/k", {FacetKind.SERVER, FacetKind.VAULT_KEYS}),
        ("microsoft.managedidentity/userassignedidentities/delete", IDENTITY, {FacetKind.SERVER}),
        ("microsoft.managedidentity/userassignedidentities/write", IDENTITY, set()),
        ("microsoft.operationalinsights/workspaces/write", f"{GROUP}/w", {FacetKind.WORKSPACES}),
        ("microsoft.keyvault/vaults/read/action", KV, set()),
    ],
)
def test_an_event_about_what_stands_outside_reads_what_looks_there(
    operation: str, child: str, facets: set[FacetKind]
) -> None:
    assert read_for(operation, child) == facets
