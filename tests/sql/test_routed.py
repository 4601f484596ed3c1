"""Azure and the databases behind one port: who reads what, and that no closed door blinds what ARM shows."""

import pytest

from shared.control import Change, Source
from shared.errors import BadSettings, Gone, NoAnswer, NotOpened, Rejected, Stop
from shared.policy import DatabaseAccess, Policy
from shared.sql.databases import Databases
from shared.sql.door import Addresses
from shared.sql.routed import Routed
from shared.state import FIREWALL_RULES, SERVER, Facet, FacetKind, SettingKind, State, database_role
from shared.state import Setting as Found
from shared.target import Kind
from tests.builders import SUBSCRIPTION, a_rule, a_server, a_state, a_target
from tests.fakes.arm import FakeArm
from tests.postgres import HOLDFAST, HOST, Cluster, a_token
from tests.sql.test_writing import LOGIN, NO_LOGIN

ROLES = Facet(FacetKind.DATABASE_ROLES)
OPENED = DatabaseAccess(scope=a_target().id, user=HOLDFAST)
postgres_only = pytest.mark.postgres


def a_named_state(**changes: str) -> State:
    facts = {"fullyQualifiedDomainName": HOST}
    return a_state(server=a_server(facts=facts, **changes))


def routed(*access: DatabaseAccess, state: State | None = None, addresses: Addresses | None = None) -> Routed:
    async def policy() -> Policy:
        return Policy(databases=access)

    arm = FakeArm(state or a_named_state())
    return Routed(arm, Databases(a_token), addresses or Addresses({}), policy)


async def unread(arm: Routed) -> Stop:
    state = await arm.observe(a_target(), [ROLES, FIREWALL_RULES])
    assert state.firewall_rules == (a_rule(),)
    return state.unread[ROLES]


async def test_no_database_is_opened_unasked() -> None:
    why = await unread(routed())
    assert isinstance(why, NotOpened)
    assert "`databases` names none for it" in str(why)


async def test_a_stopped_server_is_left_alone() -> None:
    why = await unread(routed(OPENED, state=a_named_state(state="Stopped")))
    assert isinstance(why, NoAnswer)
    assert "is stopped" in str(why)


async def test_a_server_without_an_address_is_left_alone() -> None:
    assert isinstance(await unread(routed(OPENED, state=a_state())), NoAnswer)


async def test_what_arm_says_of_the_server_comes_first() -> None:
    arm = routed(OPENED)
    with pytest.raises(Gone):
        await arm.observe(a_target("pg-gone"), [ROLES])


async def test_what_is_not_in_a_database_is_arms_business_alone() -> None:
    inner = FakeArm(a_named_state())

    async def nobody_asks() -> Policy:
        raise AssertionError

    arm = Routed(inner, Databases(a_token), Addresses({}), nobody_asks)
    assert (await arm.observe(a_target(), [FIREWALL_RULES])).firewall_rules
    assert inner.calls == ["read firewallRules"]
    change = Change(Found(SettingKind.PUBLIC_ACCESS), "Disabled", "Enabled", Source.POLICY)
    await arm.write(a_target(), [change], "record")
    assert inner.correlations == ["record"]


async def test_nothing_is_written_where_no_database_is_opened() -> None:
    change = Change(database_role("app"), LOGIN, NO_LOGIN, Source.POLICY)
    with pytest.raises(Rejected, match="names none for it"):
        await routed().write(a_target(), [change], "record")


@postgres_only
async def test_what_is_in_a_database_is_read_and_written_there(postgres: Cluster) -> None:
    postgres.run("create role app login")
    arm = routed(OPENED, addresses=postgres.addresses())
    state = await arm.observe(a_target(), [ROLES, FIREWALL_RULES])
    assert state.facets() == {SERVER, ROLES, FIREWALL_RULES}
    assert state.value(database_role("app")) == LOGIN
    change = Change(database_role("app"), LOGIN, NO_LOGIN, Source.POLICY)
    assert arm.requests(a_target(), [change]) == [(change,)]
    await arm.write(a_target(), [change], "2026-record")
    assert (await arm.for_many().observe(a_target(), [ROLES])).value(database_role("app")) == NO_LOGIN


@postgres_only
async def test_a_persons_terminal_signs_in_as_that_person_and_still_knows_holdfasts_role(postgres: Cluster) -> None:
    postgres.run("create role dana login password 'x'")
    postgres.bouncer.accepts = lambda _role, _token: False

    async def policy() -> Policy:
        return Policy(databases=(OPENED,))

    async def password() -> str:
        return "x"

    arm = Routed(FakeArm(a_named_state()), Databases(password), postgres.addresses(), policy, "dana")
    roles = (await arm.observe(a_target(), [ROLES])).children[FacetKind.DATABASE_ROLES]
    assert {name for name, texts in roles.items() if texts.get("own")} == {"dana", HOLDFAST}


async def test_the_coordinator_is_where_a_citus_clusters_databases_are() -> None:
    target = a_target(kind=Kind.CITUS)
    facts = {"serverNames": '[{"name": "c", "fullyQualifiedDomainName": "c-pg.postgres.cosmos.azure.com"}]'}
    access = DatabaseAccess(scope=f"/subscriptions/{SUBSCRIPTION}", user=HOLDFAST)
    closed = Addresses.read("c-pg.postgres.cosmos.azure.com=127.0.0.1:1")
    arm = routed(access, state=a_state(target, server=a_server(facts=facts)), addresses=closed)
    why = (await arm.observe(target, [ROLES])).unread[ROLES]
    assert "there is no way from here to c-pg.postgres.cosmos.azure.com" in str(why)


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "pg.postgres.database.azure.com.evil.example",
        "169.254.169.254",
        "a@b.postgres.database.azure.com",
    ],
)
async def test_a_host_that_is_not_azures_is_never_shown_our_token(host: str) -> None:
    async def token() -> str:
        raise AssertionError("the token was asked for")

    async def policy() -> Policy:
        return Policy(databases=(access,))

    access = DatabaseAccess(scope=f"/subscriptions/{SUBSCRIPTION}", user=HOLDFAST)
    state = a_state(a_target(), server=a_server(facts={"fullyQualifiedDomainName": host}))
    arm = Routed(FakeArm(state), Databases(token), Addresses({}), policy, HOLDFAST)
    why = (await arm.observe(a_target(), [ROLES])).unread[ROLES]
    assert "is no host of Azure's databases" in str(why)


def test_the_nearest_line_of_the_policy_counts() -> None:
    wide = DatabaseAccess(scope=f"/subscriptions/{SUBSCRIPTION}", user="wide")
    policy = Policy(databases=(OPENED, wide))
    assert policy.database_access(a_target()) == OPENED
    assert policy.database_access(a_target("pg-other")) == wide
    assert Policy(databases=(OPENED,)).database_access(a_target("pg-other")) is None


@pytest.mark.parametrize("text", ["pg", "pg=", "pg=127.0.0.1", "=127.0.0.1:5", "pg=127.0.0.1:x", "pg=:5"])
def test_an_address_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(BadSettings, match="wanted HOST=ADDRESS:PORT"):
        Addresses.read(text)


def test_a_server_without_an_address_of_its_own_is_where_dns_says() -> None:
    addresses = Addresses.read(" PG.example=10.0.0.4:6000 , ")
    assert (addresses.door("pg.example", "u").address, addresses.door("pg.example", "u").port) == ("10.0.0.4", 6000)
    assert (addresses.door("pg.other", "u").address, addresses.door("pg.other", "u").port) == ("", 5432)
