"""A policy in a container of the storage account: one blob or a folder of blobs, read again when an ETag changes."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from azure.storage.blob.aio import ContainerClient

from shared.errors import BadPolicy, StoreUnavailable
from shared.store.azure_clients import AzureSettings, blob_service
from shared.store.policy_blobs import PolicyBlobs
from tests.azurite import Azurite

pytestmark = pytest.mark.azurite


@pytest.fixture
async def container(azurite: Azurite) -> AsyncIterator[ContainerClient]:
    service = blob_service(AzureSettings(azurite.connection_string))
    made = await service.create_container(f"policies-{uuid4().hex[:8]}")
    yield made
    await service.close()


@pytest.fixture
def settings(azurite: Azurite) -> AzureSettings:
    return AzureSettings(azurite.connection_string)


async def test_one_blob_is_the_policy_and_is_read_once(container: ContainerClient, settings: AzureSettings) -> None:
    await container.upload_blob("team/policy.yaml", b"mode: notify\n")
    await container.upload_blob("team/other.yaml", b"mode: audit\n")
    source = PolicyBlobs(settings, container.container_name, "team/policy.yaml")
    first = await source.fetch("")
    assert first is not None
    assert dict(first.texts) == {"policy.yaml": b"mode: notify\n"}
    assert await source.fetch(first.tag) is None
    await source.close()


async def test_a_new_version_is_noticed_by_its_etag(container: ContainerClient, settings: AzureSettings) -> None:
    await container.upload_blob("policy.yaml", b"mode: notify\n")
    source = PolicyBlobs(settings, container.container_name, "policy.yaml")
    first = await source.fetch("")
    assert first is not None
    await container.upload_blob("policy.yaml", b"mode: audit\n", overwrite=True)
    second = await source.fetch(first.tag)
    assert second is not None
    assert dict(second.texts) == {"policy.yaml": b"mode: audit\n"}
    await source.close()


async def test_a_folder_is_all_its_yaml_blobs(container: ContainerClient, settings: AzureSettings) -> None:
    for name in ("p/base.yaml", "p/teams/pay.yml", "p/README.md", "q/other.yaml"):
        await container.upload_blob(name, name.encode())
    source = PolicyBlobs(settings, container.container_name, "p")
    found = await source.fetch("")
    assert found is not None
    assert sorted(found.texts) == ["base.yaml", "teams/pay.yml"]
    await source.close()


@pytest.mark.parametrize("path", ["missing.yaml", ""])
async def test_where_nothing_lies_there_is_no_policy(
    container: ContainerClient, settings: AzureSettings, path: str
) -> None:
    source = PolicyBlobs(settings, container.container_name, path)
    with pytest.raises(BadPolicy, match=r"blob:policies-.*no such blob"):
        await source.fetch("")
    await source.close()


async def test_a_container_that_is_missing_is_named(settings: AzureSettings) -> None:
    source = PolicyBlobs(settings, "nowhere", "policy.yaml")
    with pytest.raises(BadPolicy, match="no such container"):
        await source.fetch("")
    await source.close()


async def test_an_account_that_does_not_answer_says_so(settings: AzureSettings) -> None:
    dead = AzureSettings(
        settings.connection_string.replace("BlobEndpoint=http://127.0.0.1:", "BlobEndpoint=http://127.0.0.1:1")
    )
    source = PolicyBlobs(dead, "policies", "policy.yaml")
    with pytest.raises(StoreUnavailable):
        await source.fetch("")
    await source.close()
