"""Resource Graph: listing queries, paging, scopes, and an honest no to the rest."""

from typing import Any

import pytest

from tests.emulator.arm_client import PRODUCTION, Answered, ArmClient, Bench

_PATH = "/providers/Microsoft.ResourceGraph/resources"
_ALL = "resources | where type =~ 'microsoft.dbforpostgresql/flexibleservers'"


async def ask(arm: ArmClient, query: str, **more: Any) -> Answered:
    return await arm.send("POST", _PATH, {"query": query, **more}, version="2021-03-01")


async def _names(arm: ArmClient, query: str, **more: Any) -> list[str]:
    return [row["name"] for row in (await ask(arm, query, **more)).body["data"]]


async def test_rows_are_as_resource_graph_shows_them(dana: ArmClient) -> None:
    row = (await ask(dana, f"{_ALL} | where name == 'pg-payments'")).body["data"][0]
    assert row["type"] == "microsoft.dbforpostgresql/flexibleservers"
    assert (row["location"], row["resourceGroup"]) == ("westeurope", "rg-payments")
    assert row["properties"]["network"]["publicNetworkAccess"] == "Disabled"


_OPEN = "properties.network.publicNetworkAccess == 'Enabled'"
_SUBNET = "isnotempty(properties.network.delegatedSubnetResourceId)"


@pytest.mark.parametrize(
    ("tail", "names"),
    [
        (f"where {_OPEN} | order by name asc", ["pg-archive", "pg-crm-staging", "pg-partners"]),
        ("where location == 'northeurope' or name startswith 'PG-ARC' | sort by name", ["pg-partners", "pg-archive"]),
        ("where not(name contains 'pg-') or tags['data'] == 'public'", ["pg-archive"]),
        (f"where name in~ ('PG-LEDGER', 'x') and {_SUBNET}", ["pg-ledger"]),
        ("where toint(properties.version) < 15 | sort by name", ["pg-crm-staging", "pg-archive"]),
        ("extend v = toint(properties.version) | where v >= 17 | project name, v", ["pg-analytics"]),
        ("order by name asc | take 2 // the first ones", ["pg-analytics", "pg-archive"]),
        ("where array_length(properties.privateEndpointConnections) == 1 and name !endswith 's'", []),
    ],
)
async def test_the_language_that_listing_takes(dana: ArmClient, tail: str, names: list[str]) -> None:
    assert await _names(dana, f"{_ALL} | {tail}") == names


async def test_columns_are_named_as_kusto_names_them(dana: ArmClient) -> None:
    query = f"{_ALL} | where name == 'pg-payments' | project properties.network.publicNetworkAccess, at = tolower(id)"
    (row,) = (await ask(dana, query)).body["data"]
    assert row["properties_network_publicNetworkAccess"] == "Disabled"
    assert row["at"].startswith("/subscriptions/9c1d7e42")


async def test_pages_follow_the_token(dana: ArmClient) -> None:
    names: list[str] = []
    options: dict[str, Any] = {"$top": 4}
    for expected in (4, 2):
        page = (await ask(dana, f"{_ALL} | project id, name", options=options)).body
        assert (page["count"], page["totalRecords"]) == (expected, 6)
        names += [row["name"] for row in page["data"]]
        options["$skipToken"] = page.get("$skipToken")
    assert len(set(names)) == 6
    assert options["$skipToken"] is None


async def test_without_the_id_there_is_no_next_page(dana: ArmClient) -> None:
    page = (await ask(dana, f"{_ALL} | project name", options={"$top": 4})).body
    assert page["resultTruncated"] == "true"
    assert "$skipToken" not in page


async def test_tables_and_counts(dana: ArmClient) -> None:
    table = (await ask(dana, f"{_ALL} | project name", options={"resultFormat": "table", "$top": 1})).body["data"]
    assert table["columns"] == [{"name": "name", "type": "string"}]
    assert (await ask(dana, f"{_ALL} | count")).body["data"] == [{"Count": 6}]


async def test_scopes_are_subscriptions_and_management_groups(dana: ArmClient) -> None:
    production = PRODUCTION.rpartition("/")[2]
    assert len(await _names(dana, _ALL, subscriptions=[production.upper()])) == 3
    assert len(await _names(dana, _ALL, managementGroups=["MG-CONTOSO"])) == 6
    assert await _names(dana, _ALL, managementGroups=["mg-other"]) == []


async def test_it_shows_what_the_caller_may_read(bench: Bench) -> None:
    assert len(await _names(await bench.arm("auditor"), _ALL)) == 6


@pytest.mark.parametrize(
    "query",
    [
        "",
        "securityresources",
        "resources | summarize count() by type",
        "resources | where strcat(name, 'x') == 'y'",
        "resources | where name == ",
        "resources | where name ; drop",
        "resources | project tolower(name)",
        "resources | order name",
        "resources | where name == 'a' extra",
    ],
)
async def test_what_it_does_not_understand_it_says(dana: ArmClient, query: str) -> None:
    answer = await ask(dana, query)
    assert (answer.status, answer.code) == (400, "BadRequest")


async def test_a_bad_token_or_page_size_is_refused(dana: ArmClient) -> None:
    for options in ({"$skipToken": "nonsense"}, {"$top": 5000}):
        assert (await ask(dana, _ALL, options=options)).status == 400
