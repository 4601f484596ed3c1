"""Api-versions: the known ones answer in their own shape, others in ARM's error shape."""

import pytest

from tests.emulator.arm_client import CLOSED, OPEN, PRODUCTION, STAGING, ArmClient

_CLUSTER = f"{STAGING}/resourceGroups/rg-staging/providers/Microsoft.DBforPostgreSQL/flexibleServers/pg-analytics"


async def test_an_unknown_version_lists_the_known_ones(dana: ArmClient) -> None:
    answer = await dana.get(OPEN, version="2099-01-01")
    assert (answer.status, answer.code) == (400, "NoRegisteredProviderFound")
    assert "2025-08-01" in answer.body["error"]["message"]
    assert "for type 'flexibleServers'" in answer.body["error"]["message"]


async def test_a_missing_version_is_refused(dana: ArmClient) -> None:
    assert (await dana.get(OPEN, version="")).code == "MissingApiVersionParameter"


async def test_a_provider_wide_path_has_its_own_error(dana: ArmClient) -> None:
    path = f"{PRODUCTION}/providers/Microsoft.DBforPostgreSQL/locations/westeurope/capabilities"
    assert (await dana.get(path, version="2099-01-01")).code == "InvalidApiVersionParameter"


@pytest.mark.parametrize("version", ["2024-08-01", "2025-08-01", "2026-04-01-preview", "2026-10-01"])
async def test_the_versions_of_the_clients_are_served(dana: ArmClient, version: str) -> None:
    assert (await dana.get(OPEN, version=version)).status == 200


async def test_a_property_appears_with_the_version_that_has_it(dana: ArmClient) -> None:
    assert "cluster" not in (await dana.get(_CLUSTER, version="2024-08-01")).properties
    assert (await dana.get(_CLUSTER, version="2025-08-01")).properties["cluster"]["clusterSize"] == 2
    assert "privateEndpointConnections" not in (await dana.get(CLOSED, version="2022-12-01")).properties
