"""Where things are. The environment is read here and nowhere else; what the owner wants is in the policy instead.

Every setting has a default that changes nothing or is Azure's own.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from shared.errors import BadSettings

ROOT = Path(__file__).resolve().parent.parent
_STORAGE = "AzureWebJobsStorage"
_SHORTEST_KEY = 32


def _https_or_local(url: str) -> str:
    parts = urlsplit(url)
    local = parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1")
    if url and not (parts.hostname and (parts.scheme == "https" or local)):
        raise ValueError(f"found {_shown(url)}, wanted an https address")
    return url.rstrip("/")


def _shown(text: str) -> str:
    """What stands in the wrong place may be a secret: only its beginning is repeated."""
    return repr(text if len(text) <= 16 else f"{text[:12]}…")


Address = Annotated[str, AfterValidator(_https_or_local)]


class Settings(BaseModel):
    """The application settings. The alias of each field is the name of the setting."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    # Azure's public cloud; sovereign clouds and the emulator name their own.
    arm_endpoint: Address = Field("https://management.azure.com", alias="HOLDFAST_ARM_ENDPOINT")
    arm_audience: Address = Field("https://management.azure.com", alias="HOLDFAST_ARM_AUDIENCE")
    # Empty: every subscription the identity can see.
    subscriptions: str = Field("", alias="HOLDFAST_SUBSCRIPTIONS")
    # Empty: the policy that ships with the app, which observes and changes nothing.
    policy: str = Field("", alias="HOLDFAST_POLICY")
    # Empty: only the controls that ship. What lies in that folder is code, and runs with all that Holdfast may do.
    controls: str = Field("", alias="HOLDFAST_CONTROLS")
    # Empty: Azure Storage as the Functions host itself uses it. `sqlite:PATH` is the embedded store.
    store: str = Field("", alias="HOLDFAST_STORE")
    # Empty: nothing is published.
    topic_endpoint: Address = Field("", alias="HOLDFAST_TOPIC_ENDPOINT")
    # Empty: the topic is reached with the managed identity.
    topic_key: str = Field("", alias="HOLDFAST_TOPIC_KEY", repr=False)
    # Off: alerts come by themselves, through a door that somebody has set up. "true" asks Defender every five minutes.
    poll_alerts: str = Field("", alias="HOLDFAST_POLL_ALERTS")
    # 1: half of the reads that Azure's pages grant one identity, for long. More where yours may ask more.
    sweep_speed: float = Field(1, alias="HOLDFAST_SWEEP_SPEED", gt=0, allow_inf_nan=False)
    # Empty: nobody. Ids of people, groups, applications or app roles, separated by commas, who may post alerts without
    # a key.
    alert_senders_text: str = Field("", alias="HOLDFAST_ALERT_SENDERS")
    # Empty: databases are where DNS says, with public certificates. Others name HOST=ADDRESS:PORT, and a file of roots.
    sql_addresses: str = Field("", alias="HOLDFAST_SQL_ADDRESSES")
    sql_roots: str = Field("", alias="HOLDFAST_SQL_ROOT_CERTIFICATES")
    # Empty: databases are opened as the role that the policy names, Holdfast's own. A person's terminal names theirs.
    sql_user: str = Field("", alias="HOLDFAST_SQL_USER")
    # Azure's public cloud; sovereign clouds name their own.
    sql_audience: Address = Field("https://ossrdbms-aad.database.windows.net", alias="HOLDFAST_SQL_AUDIENCE")
    # Empty: nobody is told how Holdfast itself fares. The platform sets it where there is Application Insights.
    insights: str = Field("", alias="APPLICATIONINSIGHTS_CONNECTION_STRING", repr=False)
    # Empty: as above. `file:PATH` writes OTLP JSON there, `console` to the terminal.
    telemetry: str = Field("", alias="HOLDFAST_TELEMETRY")
    # Set where the app has a user-assigned identity.
    client_id: str = Field("", alias="AZURE_CLIENT_ID")
    # Present where the platform offers a managed identity.
    identity_endpoint: str = Field("", alias="IDENTITY_ENDPOINT")
    storage_connection: str = Field("", alias="AzureWebJobsStorage", repr=False)
    storage_account: str = Field("", alias="AzureWebJobsStorage__accountName")
    storage_queue: Address = Field("", alias="AzureWebJobsStorage__queueServiceUri")
    storage_blob: Address = Field("", alias="AzureWebJobsStorage__blobServiceUri")
    storage_table: Address = Field("", alias="AzureWebJobsStorage__tableServiceUri")
    # True while App Service authentication is on: then, and only then, its headers say who is signed in.
    authentication: str = Field("", alias="WEBSITE_AUTH_ENABLED")
    # Where people reach the app: set it for a domain of its own. Empty: the name the platform gives.
    public_url: Address = Field("", alias="HOLDFAST_PUBLIC_URL")
    hostname: str = Field("", alias="WEBSITE_HOSTNAME")
    # Which of the app's processes this is.
    instance: str = Field("", alias="WEBSITE_INSTANCE_ID")
    # Separated by commas: the first signs links, all verify them. Empty: a random key, made once, is kept in the store.
    signing_keys_text: str = Field("", alias="HOLDFAST_SIGNING_KEYS", repr=False)
    # All application settings: a policy's routes name theirs. They hold secrets, so they are never shown.
    environment: Mapping[str, str] = Field(default_factory=dict, repr=False)

    @property
    def subscription_ids(self) -> tuple[str, ...]:
        """The subscriptions of the fleet."""
        return tuple(part.strip() for part in self.subscriptions.split(",") if part.strip())

    @property
    def policy_path(self) -> Path | None:
        """The policy's file or folder; a relative path starts at the app's folder."""
        return ROOT / self.policy if self.policy and self.policy_blob is None else None

    @property
    def controls_path(self) -> Path | None:
        """The folder of the owner's own controls; a relative path starts at the app's folder."""
        return ROOT / self.controls if self.controls else None

    @property
    def policy_blob(self) -> tuple[str, str] | None:
        """Container and path of a policy that lies in the app's storage account: `blob:CONTAINER/PATH`."""
        if not self.policy.startswith("blob:"):
            return None
        container, _, path = self.policy.removeprefix("blob:").strip("/").partition("/")
        return container, path

    @property
    def signs_people_in(self) -> bool:
        """Whether the platform says who is signed in."""
        return self.authentication.lower() == "true"

    @property
    def alert_senders(self) -> tuple[str, ...]:
        """Who may post alerts without a key."""
        return tuple(part.strip() for part in self.alert_senders_text.split(",") if part.strip())

    @property
    def polls_alerts(self) -> bool:
        """Whether Defender is asked for its alerts."""
        return self.poll_alerts.strip().lower() in ("true", "1", "on", "yes")

    @property
    def address(self) -> str:
        """Where people reach the app, without a slash at its end; empty when nothing says so."""
        if self.public_url or not self.hostname:
            return self.public_url
        local = self.hostname.partition(":")[0] in ("localhost", "127.0.0.1")
        return f"{'http' if local else 'https'}://{self.hostname}"

    @property
    def signing_keys(self) -> tuple[str, ...]:
        """The keys for links and forms, the one that signs first."""
        return tuple(part.strip() for part in self.signing_keys_text.split(",") if part.strip())

    @property
    def telemetry_file(self) -> str:
        """Where telemetry is written on a laptop; `-` is the terminal, empty nowhere."""
        return "-" if self.telemetry == "console" else self.telemetry.removeprefix("file:")

    @property
    def sqlite_path(self) -> str:
        """The embedded store's file, empty when the store is Azure Storage."""
        return self.store.removeprefix("sqlite:") if self.store.startswith("sqlite:") else ""

    def service(self, name: str) -> str:
        """The address of the storage account's `queue`, `blob` or `table` service."""
        explicit: str = getattr(self, f"storage_{name}")
        if explicit or not self.storage_account:
            return explicit
        return f"https://{self.storage_account}.{name}.core.windows.net"


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process. Raises BadSettings."""
    try:
        given = dict(os.environ if environment is None else environment)
        settings = Settings.model_validate({**_filled(given), "environment": given})
    except ValidationError as error:
        problems = "; ".join(f"{problem['loc'][0]}: {problem['msg']}" for problem in error.errors())
        raise BadSettings(f"application settings: {problems}") from error
    if settings.store and not settings.sqlite_path:
        raise BadSettings(f"HOLDFAST_STORE: found {_shown(settings.store)}, wanted nothing or sqlite:PATH")
    if settings.telemetry not in ("", "console") and not re.match("file:.", settings.telemetry):
        found = _shown(settings.telemetry)
        raise BadSettings(f"HOLDFAST_TELEMETRY: found {found}, wanted nothing, console or file:PATH")
    _must_be_secret(settings.signing_keys)
    missing = [f"{_STORAGE}__{name}ServiceUri" for name in ("queue", "blob", "table") if not settings.service(name)]
    if missing and not (settings.store or settings.storage_connection):
        raise BadSettings(
            f"no store: set {_STORAGE} (connection string), {_STORAGE}__accountName (identity), "
            f"or HOLDFAST_STORE=sqlite:PATH; by single addresses {', '.join(missing)} would be needed"
        )
    return settings


def controls_path() -> Path | None:
    """The folder of the owner's own controls, for commands that need no other setting."""
    named = os.environ.get("HOLDFAST_CONTROLS", "")
    return ROOT / named if named else None


def _must_be_secret(keys: tuple[str, ...]) -> None:
    for number, key in enumerate(keys, 1):
        # What stands there while Azure cannot read the vault is long, but everybody can guess it.
        if key.startswith("@Microsoft.KeyVault("):
            raise BadSettings(
                f"HOLDFAST_SIGNING_KEYS: key {number} is a Key Vault reference that Azure did not resolve"
            )
        if len(key) < _SHORTEST_KEY:
            raise BadSettings(
                f"HOLDFAST_SIGNING_KEYS: key {number} has {len(key)} characters, wanted at least {_SHORTEST_KEY}"
            )


def _filled(given: Mapping[str, str]) -> dict[str, str]:
    # Deployment templates write an empty text where nothing is meant.
    return {name: text for name, text in given.items() if text}
