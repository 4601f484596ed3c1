"""Any other resource of a fleet file: where it is, and its body as ARM has it."""

from pydantic import BaseModel

from emulator.body import Body
from emulator.fleet_server import STRICT


class GivenResource(BaseModel):
    """A resource of a type that the emulator keeps as it is written; what is left out is as in a new one."""

    model_config = STRICT

    at: str  # what follows /providers/ of the group or subscription: Microsoft.Network/virtualNetworks/vnet-core
    location: str = ""  # empty means the resource group's
    kind: str = ""
    tags: dict[str, str] = {}
    sku: Body = {}
    identity: Body = {}
    properties: Body = {}

    def arm_body(self, location: str) -> Body:
        """Return the body of the PUT that makes it."""
        body: Body = {"location": self.location or location, "properties": self.properties}
        given = (("kind", self.kind), ("tags", self.tags), ("sku", self.sku), ("identity", self.identity))
        return body | {name: value for name, value in given if value}
