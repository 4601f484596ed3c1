"""Where things are: safe defaults, errors that name the setting, secrets that are never shown."""

from pathlib import Path

import pytest

from shared.errors import BadSettings
from shared.settings import ROOT, read_settings

SQLITE = {"HOLDFAST_STORE": "sqlite:/tmp/holdfast.db"}
KEY = "c2VjcmV0LWtleS1jMlZqY21WMExXdGxlUT09c2VjcmV0LWtleS1jMlZqY21WMExXdGxlUT09"
CONNECTION = f"DefaultEndpointsProtocol=https;AccountName=a;AccountKey={KEY};EndpointSuffix=core.windows.net"


def refused(**environment: str) -> str:
    """What is said about these settings, beside a store that is fine."""
    with pytest.raises(BadSettings) as caught:
        read_settings(SQLITE | environment)
    return str(caught.value)


def test_the_defaults_are_azure_s_own_and_change_nothing() -> None:
    settings = read_settings(SQLITE)
    assert settings.arm_endpoint == settings.arm_audience == "https://management.azure.com"
    assert (settings.subscription_ids, settings.policy_path, settings.topic_endpoint) == ((), None, "")
    assert settings.sqlite_path == "/tmp/holdfast.db"


def test_the_environment_of_the_process_is_read_where_none_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOLDFAST_STORE", "sqlite:here.db")
    assert read_settings().sqlite_path == "here.db"


@pytest.mark.parametrize(
    "name", ["HOLDFAST_ARM_ENDPOINT", "HOLDFAST_ARM_AUDIENCE", "HOLDFAST_POLICY", "HOLDFAST_SUBSCRIPTIONS"]
)
def test_an_empty_setting_is_as_good_as_none(name: str) -> None:
    assert read_settings(SQLITE | {name: ""}).model_copy(update={"environment": {}}) == read_settings(
        SQLITE
    ).model_copy(update={"environment": {}})


# Sovereign clouds


@pytest.mark.parametrize(
    "endpoint",
    ["https://management.chinacloudapi.cn", "https://management.usgovcloudapi.net/", "https://localhost:8443"],
)
def test_a_sovereign_cloud_is_named_by_its_endpoint_and_audience(endpoint: str) -> None:
    settings = read_settings(SQLITE | {"HOLDFAST_ARM_ENDPOINT": endpoint, "HOLDFAST_ARM_AUDIENCE": endpoint})
    assert settings.arm_endpoint == settings.arm_audience == endpoint.rstrip("/")


def test_an_account_by_name_lies_in_the_public_cloud() -> None:
    settings = read_settings({"AzureWebJobsStorage__accountName": "holdfast"})
    assert settings.service("queue") == "https://holdfast.queue.core.windows.net"
    assert settings.service("blob") == "https://holdfast.blob.core.windows.net"
    assert settings.service("table") == "https://holdfast.table.core.windows.net"


def test_storage_of_a_sovereign_cloud_is_named_by_its_services() -> None:
    services = {
        f"AzureWebJobsStorage__{name}ServiceUri": f"https://a.{name}.core.chinacloudapi.cn/"
        for name in ("queue", "blob", "table")
    }
    settings = read_settings(services)
    assert [settings.service(name) for name in ("queue", "blob", "table")] == [
        f"https://a.{name}.core.chinacloudapi.cn" for name in ("queue", "blob", "table")
    ]


def test_the_address_of_a_service_comes_before_the_name_of_the_account() -> None:
    own = {"AzureWebJobsStorage__tableServiceUri": "https://b.table.core.windows.net"}
    settings = read_settings({"AzureWebJobsStorage__accountName": "a"} | own)
    assert settings.service("table") == "https://b.table.core.windows.net"
    assert settings.service("blob") == "https://a.blob.core.windows.net"


# What is refused


@pytest.mark.parametrize("name", ["HOLDFAST_ARM_ENDPOINT", "HOLDFAST_ARM_AUDIENCE", "HOLDFAST_TOPIC_ENDPOINT"])
@pytest.mark.parametrize(
    "address",
    [
        "http://management.azure.com",
        "management.azure.com",
        "ftp://localhost",
        "http://localhost.evil.example",
        "http://localhost@evil.example",
        "https://",
        "https:management.azure.com",
        "https://[::1",
        " ",
    ],
)
def test_an_address_that_is_not_https_names_its_setting(name: str, address: str) -> None:
    assert refused(**{name: address}).startswith(f"application settings: {name}: ")


@pytest.mark.parametrize("address", ["http://localhost:8080", "http://127.0.0.1/", "https://a.example/path"])
def test_a_local_address_needs_no_https(address: str) -> None:
    assert read_settings(SQLITE | {"HOLDFAST_TOPIC_ENDPOINT": address}).topic_endpoint == address.rstrip("/")


def test_all_problems_are_named_at_once() -> None:
    text = refused(HOLDFAST_ARM_ENDPOINT="a", HOLDFAST_TOPIC_ENDPOINT="b")
    assert "HOLDFAST_ARM_ENDPOINT: " in text
    assert "HOLDFAST_TOPIC_ENDPOINT: " in text


@pytest.mark.parametrize("store", ["sqlite:", "postgres:x", "SQLITE:x", "/tmp/x.db"])
def test_a_store_nobody_knows_is_shown_with_what_would_be_right(store: str) -> None:
    assert refused(HOLDFAST_STORE=store) == f"HOLDFAST_STORE: found {store!r}, wanted nothing or sqlite:PATH"


@pytest.mark.parametrize("environment", [{}, {"AzureWebJobsStorage": ""}, {"HOLDFAST_STORE": ""}])
def test_without_a_store_the_ways_to_name_one_are_listed(environment: dict[str, str]) -> None:
    with pytest.raises(BadSettings) as caught:
        read_settings(environment)
    for name in ("AzureWebJobsStorage (", "AzureWebJobsStorage__accountName", "HOLDFAST_STORE=sqlite:PATH"):
        assert name in str(caught.value)


@pytest.mark.parametrize("missing", ["queue", "blob", "table"])
def test_two_services_of_three_are_no_store(missing: str) -> None:
    given = {"queue", "blob", "table"} - {missing}
    with pytest.raises(BadSettings, match=f"AzureWebJobsStorage__{missing}ServiceUri"):
        read_settings({f"AzureWebJobsStorage__{name}ServiceUri": "https://a.example" for name in given})


# Secrets


@pytest.mark.parametrize(
    "name", ["HOLDFAST_TOPIC_KEY", "AzureWebJobsStorage", "TEAMS_URL", "HOLDFAST_ANYTHING", "IDENTITY_HEADER"]
)
def test_a_secret_is_never_shown(name: str) -> None:
    settings = read_settings(SQLITE | {name: KEY})
    assert KEY not in repr(settings)
    assert KEY not in str(settings)


@pytest.mark.parametrize("secret", [CONNECTION, KEY])
@pytest.mark.parametrize(
    "name",
    ["HOLDFAST_STORE", "HOLDFAST_TOPIC_ENDPOINT", "HOLDFAST_ARM_ENDPOINT", "AzureWebJobsStorage__blobServiceUri"],
)
def test_a_secret_in_the_wrong_place_is_not_repeated(name: str, secret: str) -> None:
    assert KEY[:24] not in refused(**{name: secret})


def test_routes_find_their_addresses_in_the_environment() -> None:
    assert read_settings(SQLITE | {"TEAMS_URL": "x"}).environment["TEAMS_URL"] == "x"


# Reading them


@pytest.mark.parametrize(
    ("text", "ids"), [("", ()), ("a", ("a",)), (" a , b ,", ("a", "b")), (",,", ()), ("a,b", ("a", "b"))]
)
def test_subscriptions_are_separated_by_commas(text: str, ids: tuple[str, ...]) -> None:
    assert read_settings(SQLITE | {"HOLDFAST_SUBSCRIPTIONS": text}).subscription_ids == ids


@pytest.mark.parametrize(
    ("text", "path"), [("policy.yaml", ROOT / "policy.yaml"), ("/etc/p.yaml", Path("/etc/p.yaml"))]
)
def test_a_relative_policy_starts_at_the_folder_of_the_app(text: str, path: Path) -> None:
    assert read_settings(SQLITE | {"HOLDFAST_POLICY": text}).policy_path == path


def test_a_connection_string_is_a_store() -> None:
    settings = read_settings({"AzureWebJobsStorage": CONNECTION})
    assert settings.storage_connection == CONNECTION
    assert settings.sqlite_path == ""


# The pages


@pytest.mark.parametrize(
    ("text", "switched_on"), [("True", True), ("true", True), ("False", False), ("1", False), ("", False)]
)
def test_people_are_signed_in_only_where_the_platform_says_so(text: str, switched_on: bool) -> None:
    assert read_settings(SQLITE | {"WEBSITE_AUTH_ENABLED": text}).signs_people_in is switched_on


@pytest.mark.parametrize(
    ("hostname", "public", "address"),
    [
        ("", "", ""),
        ("app.azurewebsites.net", "", "https://app.azurewebsites.net"),
        ("localhost:7071", "", "http://localhost:7071"),
        ("app.azurewebsites.net", "https://holdfast.contoso.example/", "https://holdfast.contoso.example"),
    ],
)
def test_the_address_is_the_platform_s_or_one_s_own(hostname: str, public: str, address: str) -> None:
    settings = read_settings(SQLITE | {"WEBSITE_HOSTNAME": hostname, "HOLDFAST_PUBLIC_URL": public})
    assert settings.address == address


def test_an_address_without_encryption_is_refused() -> None:
    assert "HOLDFAST_PUBLIC_URL" in refused(HOLDFAST_PUBLIC_URL="http://holdfast.contoso.example")


def test_the_first_signing_key_signs() -> None:
    settings = read_settings(SQLITE | {"HOLDFAST_SIGNING_KEYS": f" {KEY} ,{KEY[::-1]},"})
    assert settings.signing_keys == (KEY, KEY[::-1])
    assert KEY not in repr(settings)


@pytest.mark.parametrize(
    ("second", "said"),
    [
        ("short-and-secret", "key 2 has 16 characters, wanted at least 32"),
        ("@Microsoft.KeyVault(VaultName=v;SecretName=signing-key)", "key 2 is a Key Vault reference"),
    ],
)
def test_a_signing_key_that_can_be_guessed_is_refused_and_not_shown(second: str, said: str) -> None:
    text = refused(HOLDFAST_SIGNING_KEYS=f"{KEY},{second}")
    assert said in text
    assert second not in text


@pytest.mark.parametrize(
    ("setting", "blob"),
    [
        ("blob:policies/holdfast.yaml", ("policies", "holdfast.yaml")),
        ("blob:policies/production/", ("policies", "production")),
        ("blob:policies", ("policies", "")),
        ("policies/holdfast.yaml", None),
    ],
)
def test_a_policy_may_lie_in_a_blob_of_the_storage_account(setting: str, blob: tuple[str, str] | None) -> None:
    settings = read_settings({"HOLDFAST_STORE": "sqlite:here.db", "HOLDFAST_POLICY": setting})
    assert settings.policy_blob == blob
    assert (settings.policy_path is None) == (blob is not None)
