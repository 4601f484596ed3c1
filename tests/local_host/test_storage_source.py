"""Storage queues as the host uses them: the ways to name an account, and losing a message to others."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from azure.storage.queue import AccountSasPermissions, ResourceTypes, generate_account_sas

from local_host.errors import QueueUnavailable
from local_host.storage_source import StorageSource
from tests.azurite import Azurite

pytestmark = pytest.mark.azurite


@pytest.fixture
async def source(azurite: Azurite) -> AsyncIterator[StorageSource]:
    source = StorageSource(azurite.connection_string)
    await source.open(base64_bodies=True)
    yield source
    await source.close()


def sas_address(azurite: Azurite) -> str:
    fields = dict(field.split("=", 1) for field in azurite.connection_string.strip(";").split(";"))
    sas = generate_account_sas(
        fields["AccountName"],
        fields["AccountKey"],
        ResourceTypes(service=True, container=True, object=True),
        AccountSasPermissions(read=True, write=True, add=True, create=True, process=True, update=True),
        datetime.now(UTC) + timedelta(hours=1),
    )
    return f"{fields['QueueEndpoint']}?{sas}"


async def test_an_address_with_a_sas_is_enough(azurite: Azurite, work: str) -> None:
    source = StorageSource(sas_address(azurite))
    await source.open(base64_bodies=True)
    await source.send(work, "a")
    assert [message.body for message in await source.receive(work, 32, 30)] == ["a"]
    await source.close()


async def test_a_queue_that_does_not_exist_is_empty(source: StorageSource, work: str) -> None:
    assert await source.receive(work, 1, 30) == []


async def test_an_old_pop_receipt_opens_nothing(source: StorageSource, work: str) -> None:
    await source.send(work, "a")
    (old,) = await source.receive(work, 1, 30)
    new = await source.renew(old, 30)
    assert new is not None
    assert not await source.delete(old)
    assert not await source.release(old, 0)
    assert await source.delete(new)
    assert not await source.delete(new)


async def test_a_refused_body_is_said_to_be_refused(source: StorageSource, work: str) -> None:
    with pytest.raises(QueueUnavailable, match=work):
        await source.send(work, "x" * 64 * 1024)
