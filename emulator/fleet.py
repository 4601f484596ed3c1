"""What there is in the Azure that the emulator plays: read from YAML or JSON, unknown keys refused.

Names are those of Azure where Azure has one. Ids that a test does not care about are made from the name,
so the same fleet has the same ids on every run.
"""

import functools
import uuid
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError, model_validator
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from emulator.fleet_citus import Cluster
from emulator.fleet_policy import PolicyResource
from emulator.fleet_resource import GivenResource
from emulator.fleet_server import FlexibleServer
from emulator.fleet_single import SingleServer

_NAMES = uuid.UUID("6d0f7a52-3a0c-4f0e-9c55-0b8f2c1d7e11")
DEFAULT_FLEET = Path(__file__).with_name("default_fleet.yaml")


class FleetError(ValueError):
    """The fleet cannot be read; the text says where and why."""


def made_id(*words: str) -> str:
    """Return the id that belongs to these words, the same on every run."""
    return str(uuid.uuid5(_NAMES, "/".join(words)))


def _uuid(text: str) -> str:
    return str(uuid.UUID(text))


Uuid = Annotated[str, AfterValidator(_uuid)]
_STRICT = ConfigDict(frozen=True, extra="forbid")


class ResourceGroup(BaseModel):
    """A resource group and what is in it."""

    model_config = _STRICT

    name: str
    location: str = "westeurope"
    tags: dict[str, str] = {}
    flexible_servers: tuple[FlexibleServer, ...] = ()
    single_servers: tuple[SingleServer, ...] = ()
    clusters: tuple[Cluster, ...] = ()
    resources: tuple[GivenResource, ...] = ()


class Subscription(BaseModel):
    """A subscription, and the management group it sits under."""

    model_config = _STRICT

    id: Uuid
    name: str
    management_group: str = ""
    resource_groups: tuple[ResourceGroup, ...] = ()
    resources: tuple[GivenResource, ...] = ()  # of the subscription itself: contacts, plans, locks


class ManagementGroup(BaseModel):
    """A management group; without a parent it hangs on the tenant's root group."""

    model_config = _STRICT

    name: str
    display_name: str = ""
    parent: str = ""

    @property
    def shown_name(self) -> str:
        """The name that people see."""
        return self.display_name or self.name


class Role(BaseModel):
    """A role definition; actions may hold wildcards as in Azure."""

    model_config = _STRICT

    name: str
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    data_actions: tuple[str, ...] = ()


class Assignment(BaseModel):
    """A role at a scope; "/" is everything."""

    model_config = _STRICT

    role: str
    scope: str = "/"


class Principal(BaseModel):
    """Somebody who may call: a person, a pipeline, or the managed identity of an app."""

    model_config = _STRICT

    kind: Literal["User", "ServicePrincipal", "ManagedIdentity"]
    display_name: str
    object_id: Uuid = ""
    app_id: Uuid = ""  # for a person: the client they sign in with
    user_principal_name: str = ""
    ip: str = "203.0.113.10"  # where their requests come from, as events tell it
    identity_header: str = ""  # empty makes a new secret on every run
    assignments: tuple[Assignment, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _make_ids(cls, data: object) -> object:
        if not isinstance(data, dict):
            return data
        name = str(data.get("display_name", ""))
        made = {"object_id": made_id("object", name), "app_id": made_id("app", name)}
        return made | data


class Fleet(BaseModel):
    """All of it."""

    model_config = _STRICT

    tenant_id: Uuid = made_id("tenant")
    tenant_domain: str = "contoso.example"
    app: str = "holdfast"  # the principal whose identity header is printed first
    app_resource_id: str = ""  # the site that has the app's identity; empty makes one up
    roles: tuple[Role, ...] = ()
    principals: dict[str, Principal]
    management_groups: tuple[ManagementGroup, ...] = ()
    subscriptions: tuple[Subscription, ...]
    policy: tuple[PolicyResource, ...] = ()
    topics: tuple[str, ...] = ("holdfast-events",)

    @model_validator(mode="after")
    def _app_is_known(self) -> Self:
        if self.app not in self.principals:
            raise ValueError(f"app is {self.app!r}, wanted one of {', '.join(self.principals)}")
        return self

    @model_validator(mode="after")
    def _groups_are_a_tree(self) -> Self:
        parents = {one.name.lower(): one.parent.lower() for one in self.management_groups}
        for name in parents:
            way, here = [name], parents[name]
            while here:
                if here not in parents or here in way:
                    why = "is not among the management_groups" if here not in parents else "is its own ancestor"
                    raise ValueError(f"management group {way[-1]!r} has the parent {here!r}, which {why}")
                way.append(here)
                here = parents[here]
        return self

    @property
    def site(self) -> str:
        """Id of the app that has the identity."""
        first = self.subscriptions[0].id if self.subscriptions else made_id("subscription")
        made = f"/subscriptions/{first}/resourceGroups/rg-holdfast/providers/Microsoft.Web/sites/func-{self.app}"
        return self.app_resource_id or made

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a fleet from a YAML or JSON file."""
        try:
            return cls.model_validate(YAML(typ="safe").load(path))
        except (OSError, YAMLError) as error:
            raise FleetError(f"{path}: {error}") from error
        except ValidationError as error:
            raise FleetError(_explain(path, error)) from error


def _explain(path: Path, error: ValidationError) -> str:
    lines = [f"{path}:"]
    for one in error.errors():
        place = ".".join(str(word) for word in one["loc"]) or "(top)"
        what = "is not a key of the fleet" if one["type"] == "extra_forbidden" else one["msg"]
        lines.append(f"  {place}: {what}")
    return "\n".join(lines)


@functools.cache  # it is frozen, so everybody may have the same
def default_fleet() -> Fleet:
    """Return the small bank that comes with the emulator."""
    return Fleet.load(DEFAULT_FLEET)
