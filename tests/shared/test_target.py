"""Which server an id names: one target whatever the casing, and nothing unsafe ever gets through."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.errors import MalformedEvent
from shared.target import Kind, Resource, parse_resource, parse_target
from tests.builders import SUBSCRIPTION, a_target

GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-payments"
SERVER = f"{GROUP}/providers/Microsoft.DBforPostgreSQL/flexibleServers/pg-payments"
LOCK = "providers/microsoft.authorization/locks/keep"

ATTACKS = ["..", ".", "", " ", "'", '"', "%2e%2e", "%00", "a\nb", "a\x00b", "x" * 10_000, "evil.example", "а", "K", "İ"]
PARTS = ["subscriptions", SUBSCRIPTION, "resourceGroups", "rg", "providers", "Microsoft.DBforPostgreSQL", "pg"]
segments = st.sampled_from([*PARTS, *ATTACKS, "flexibleServers", "firewallRules"]) | st.text(max_size=8)
odd_paths = st.lists(segments, max_size=14).map("/".join)
odd_servers = st.builds("/{}".format, st.lists(segments, max_size=5).map("/".join)).map(SERVER.__add__)
odd_names = st.builds(
    "/subscriptions/{}/resourceGroups/{}/providers/Microsoft.DBforPostgreSQL/flexibleServers/{}".format,
    st.just(SUBSCRIPTION) | segments,
    segments | st.text(max_size=91),
    st.just("pg") | segments,
)
casings = st.lists(st.booleans(), min_size=len(SERVER), max_size=len(SERVER)).map(
    lambda upper: "".join(c.upper() if up else c.lower() for c, up in zip(SERVER, upper, strict=True))
)


@settings(deadline=None)
@given(casings)
def test_an_id_in_any_casing_is_the_same_server(resource_id: str) -> None:
    assert parse_target(resource_id) == a_target()


def test_a_target_answers_the_id_it_was_parsed_from() -> None:
    assert parse_target(SERVER).id == str(parse_target(SERVER)) == SERVER


@pytest.mark.parametrize(
    ("path", "child", "collection"),
    [
        ("", "", ""),
        ("/firewallRules/Office_1", "firewallrules/office_1", "firewallrules"),
        ("/configurations/log_connections", "configurations/log_connections", "configurations"),
        ("/providers/Microsoft.Authorization/locks/Keep", LOCK, "microsoft.authorization/locks"),
        (
            "/providers/Microsoft.Insights/diagnosticSettings/to logs",
            "providers/microsoft.insights/diagnosticsettings/to logs",
            "microsoft.insights/diagnosticsettings",
        ),
        ("/virtualEndpoints/a/backups/b", "virtualendpoints/a/backups/b", "virtualendpoints/backups"),
    ],
)
def test_what_belongs_to_a_server_leads_to_it(path: str, child: str, collection: str) -> None:
    resource = parse_resource(SERVER + path)
    assert resource == Resource(a_target(), child)
    assert resource.collection == collection


@pytest.mark.parametrize("name", ["keep (prod)", "n" * 260, "a.b@c-d_e"])
def test_names_that_azure_takes_for_attached_resources_are_understood(name: str) -> None:
    assert parse_resource(f"{SERVER}/providers/Microsoft.Insights/diagnosticSettings/{name}") is not None


@pytest.mark.parametrize(
    "resource_id",
    [
        "",
        "/",
        "/subscriptions",
        GROUP,
        f"{GROUP}/providers/Microsoft.Storage/storageAccounts/a",
        f"{GROUP}/providers/Microsoft.Authorization/locks/keep",
        f"{GROUP}/providers/Microsoft.DBforMySQL/flexibleServers/a/providers/Microsoft.Authorization/locks/b",
        f"/subscriptions/{SUBSCRIPTION}/providers/Microsoft.DBforPostgreSQL/locations/westeurope",
        f"{GROUP}/providers/Microsoft.DBforPostgreSQL/clusters/other",
        f"{GROUP}/providers/Microsoft.Network/privateEndpoints/p/providers/Microsoft.DBforPostgreSQL/x/y",
    ],
)
def test_what_is_no_server_of_ours_is_nothing(resource_id: str) -> None:
    assert parse_resource(resource_id) is None


@pytest.mark.parametrize(
    "resource_id",
    [
        SERVER.replace("pg-payments", ".."),
        SERVER.replace("pg-payments", "pg'--"),
        SERVER.replace("pg-payments", 'pg"'),
        SERVER.replace("pg-payments", "pg%2e%2e"),
        SERVER.replace("pg-payments", "pg-payments\n"),
        SERVER.replace("pg-payments", "pg\x00"),
        SERVER.replace("pg-payments", "p" * 64),
        SERVER.replace("pg-payments", "-pg"),
        SERVER.replace("pg-payments", "evil.example"),
        SERVER.replace("pg-payments", "pg-рayments"),
        SERVER.replace("rg-payments", ".."),
        SERVER.replace("rg-payments", "r" * 91),
        SERVER.replace("rg-payments", ""),
        SERVER.replace("rg-payments", "rg?x=1"),
        SERVER.replace(SUBSCRIPTION, "not-a-guid"),
        SERVER.replace(SUBSCRIPTION, f"{SUBSCRIPTION}@evil.example"),
        f"https://evil.example{SERVER}",
        f"\\\\evil.example{SERVER}",
        f"{SERVER}/",
        f"{SERVER}//firewallRules/a",
        f"{SERVER}/firewallRules/../../pg-other",
        f"{SERVER}/firewallRules/a%2fb",
        f"{SERVER}/firewallRules/a?b=c",
        f"{SERVER}/firewallRules/a#b",
        f"{SERVER}/firewallRules/{'a' * 10_000}",
        f"{GROUP}/providers/Microsoft.DBforPostgreSQL/locations/../flexibleServers/pg",
        f"{GROUP}/providers/Microsoft.DBforPostgreSQL/servers/a\n",
    ],
    ids=range(27),
)
def test_what_cannot_be_an_id_of_ours_is_malformed(resource_id: str) -> None:
    with pytest.raises(MalformedEvent, match="resource id"):
        parse_resource(resource_id)


def test_an_id_longer_than_any_is_malformed_however_it_is_made_up() -> None:
    with pytest.raises(MalformedEvent, match=r"resource id of \d+ characters, at most 2048 expected"):
        parse_resource(SERVER + "/a/b" * 500)


def test_an_error_never_repeats_control_characters_or_long_ids() -> None:
    with pytest.raises(MalformedEvent) as caught:
        parse_resource(f"{SERVER}\x1b[31m{'x' * 1000}")
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 300


def test_a_target_is_needed_where_one_is_asked_for() -> None:
    with pytest.raises(MalformedEvent, match="not a PostgreSQL server: '/subscriptions/x'"):
        parse_target("/subscriptions/x")


@settings(deadline=None)
@given(odd_paths | odd_servers | odd_names | st.text(st.characters(exclude_categories=()), max_size=60))
def test_any_text_is_a_safe_target_or_nothing_or_malformed(text: str) -> None:
    try:
        resource = parse_resource(text)
    except MalformedEvent:
        return
    if resource is not None:
        parts = resource.target.id.removeprefix("/").split("/")
        assert all(re.fullmatch(r"[\w.()-]+", part) and part not in {".", ".."} for part in parts)
        assert parse_resource(resource.target.id) == Resource(resource.target)


@pytest.mark.parametrize(("type_name", "kind"), [("servers", Kind.SINGLE), ("serverGroupsv2", Kind.CITUS)])
def test_the_other_kinds_of_server_are_known_by_their_type(type_name: str, kind: Kind) -> None:
    target = parse_target(f"{GROUP}/providers/Microsoft.DBforPostgreSQL/{type_name}/legacy")
    assert target.kind is kind
    assert target.id.endswith(f"/{type_name}/legacy")
