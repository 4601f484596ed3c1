"""Events of key vaults, in both schemas and with the odd names of Microsoft's own samples."""

from collections.abc import Mapping
from typing import Any

import pytest

from shared.errors import MalformedEvent
from shared.events import Abroad, Ignored, Read, read_event
from shared.outside import KEY, VAULT, Outside
from tests.shared.test_outside import KV

# learn.microsoft.com, "Azure Key Vault as Event Grid source": blanks in names, dates as texts.
SAMPLE = {
    "Id": "https://kv-payments.vault.azure.net/keys/postgres/ee059b2bb5bc48398a53b168c6cdcb10",
    "VaultName": "kv-payments",
    "ObjectType": "Key",
    "ObjectName ": "Postgres",
    " Version": "ee059b2bb5bc48398a53b168c6cdcb10",
    "NBF": "1559081980",
    "EXP": "1559082102",
}
DEFINED = {"id": SAMPLE["Id"], "vaultName": "KV-Payments", "objectName": "postgres", "nbf": 1559081980, "exp": None}


def event(kind: str, data: Mapping[str, Any], topic: str = KV, cloud: bool = False) -> Read:
    common = {"id": "7e3f", "subject": "postgres", "data": dict(data)}
    if cloud:
        return read_event(
            {**common, "specversion": "1.0", "source": topic, "type": kind, "time": "2026-03-01T12:00:00Z"}
        )
    return read_event({**common, "topic": topic, "eventType": kind, "eventTime": "2026-03-01T12:00:00.1234567Z"})


@pytest.mark.parametrize("cloud", [False, True], ids=["event grid", "cloud events"])
@pytest.mark.parametrize("data", [SAMPLE, DEFINED], ids=["sample", "definition"])
@pytest.mark.parametrize("what", ["NewVersionCreated", "NearExpiry", "Expired"])
def test_an_event_of_a_key_leads_to_the_key(what: str, data: Mapping[str, Any], cloud: bool) -> None:
    read = event(f"Microsoft.KeyVault.Key{what}", data, cloud=cloud)
    key = f"{KV}/keys/postgres".lower()
    assert isinstance(read, Abroad)
    assert read.where == Outside(key, KEY)
    assert (read.trigger.operation, read.trigger.child) == (f"{KEY}/write", key)


@pytest.mark.parametrize("cloud", [False, True], ids=["event grid", "cloud events"])
def test_a_changed_access_policy_leads_to_the_vault(cloud: bool) -> None:
    read = event("Microsoft.KeyVault.VaultAccessPolicyChanged", {"VaultName": "kv-payments"}, cloud=cloud)
    assert isinstance(read, Abroad)
    assert read.where == Outside(KV.lower(), VAULT)
    assert read.trigger.operation == "microsoft.keyvault/vaults/accesspolicies/write"


@pytest.mark.parametrize("what", ["SecretExpired", "CertificateNearExpiry", "KeyDeleted"])
def test_other_things_in_vaults_concern_no_server(what: str) -> None:
    assert isinstance(event(f"Microsoft.KeyVault.{what}", SAMPLE), Ignored)


@pytest.mark.parametrize(
    ("data", "topic", "said"),
    [
        (SAMPLE, "", "topic: not a key vault"),
        (SAMPLE, f"{KV}/keys/postgres", "topic: not a key vault"),
        (SAMPLE, KV.replace("rg-keys", "a/../b"), "not an ARM resource id"),
        (SAMPLE | {"VaultName": "kv-others"}, KV, "vaultName: 'kv-others' is not the vault"),
        ({"VaultName": "kv-payments"}, KV, "objectName: '' is no name of a key"),
        (SAMPLE | {"ObjectName ": "../../keys"}, KV, "objectName: '../../keys' is no name of a key"),
        (SAMPLE | {"ObjectName ": 7}, KV, "objectName: '' is no name of a key"),
    ],
)
def test_what_no_vault_can_have_sent_is_malformed(data: Mapping[str, Any], topic: str, said: str) -> None:
    with pytest.raises(MalformedEvent, match=said):
        event("Microsoft.KeyVault.KeyExpired", data, topic)
