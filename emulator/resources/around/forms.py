"""What the body of a resource may hold and must hold, and how a write changes it."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field

from emulator.body import Body, dig, merged
from emulator.errors import ArmError
from emulator.resources.settable import Choice, Kept, Whole, merged_identity

type Kind = Choice | Whole | Kept
TABLE, NUMBER = Kept(dict), Kept(int)
_MISSING = "The property '{}' is required."  # wording not verified


@dataclass(frozen=True, slots=True)
class Form:
    """The settable properties by name; those that it does not have are ignored, as ARM providers do."""

    properties: Mapping[str, Kind]
    required: tuple[str, ...] = ()  # dotted paths that a PUT must give
    defaults: Body = field(default_factory=dict)
    tracked: bool = False  # has location, tags, kind, sku and identity besides

    def put(self, sent: Body) -> Body:
        """Return what a PUT leaves: it says everything, the rest is as in a new resource."""
        missing = next((path for path in self.required if dig(sent, path) is None), None)
        if missing is not None:
            raise ArmError(400, "InvalidRequestContent", _MISSING.format(missing))
        return self.patch(self.fresh(), sent)

    def fresh(self) -> Body:
        """Return the body of a resource of which nothing was said."""
        return {"properties": copy.deepcopy(self.defaults)}

    def patch(self, old: Body, sent: Body) -> Body:
        """Return what a PATCH leaves: objects are merged, everything else replaced."""
        body = copy.deepcopy(old)
        known = {name.lower(): name for name in self.properties}
        given = sent.get("properties")
        for written, value in given.items() if isinstance(given, dict) else ():
            name = known.get(written.lower())
            if name is not None and value is not None:
                _lay(body["properties"], name, self.properties[name].read(f"properties.{name}", value))
        return self._top(body, sent) if self.tracked else body

    def _top(self, body: Body, sent: Body) -> Body:
        for name in ("location", "kind", "sku", "tags"):
            if sent.get(name) is not None:
                body[name] = copy.deepcopy(sent[name])
        if isinstance(sent.get("identity"), dict):
            body["identity"] = merged_identity(body.get("identity") or {}, sent["identity"])
        return body


def _lay(properties: Body, name: str, value: object) -> None:
    mine = properties.get(name)
    properties[name] = merged(mine, value) if isinstance(mine, dict) and isinstance(value, dict) else value
