"""One request to ARM and what will be answered."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field

from emulator.access import Caller
from emulator.body import Body


@dataclass(slots=True)
class Call:
    """A request, read once; `caller` and `claims` are known after authentication."""

    method: str
    base_url: str  # https://host:port as the client wrote it
    path: str  # decoded
    raw_path: str  # path and query as sent
    query: Mapping[str, str]  # keys lower case
    headers: Mapping[str, str]
    body: Body | None
    claims: Body = field(default_factory=dict)
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    correlation_id: str = ""
    operation: str = ""  # name under which the call is counted and authorised
    who: Caller | None = None

    @property
    def caller(self) -> Caller:
        """The authenticated caller."""
        if self.who is None:
            raise RuntimeError(f"{self.method} {self.path}: asked for the caller before authentication")
        return self.who

    @property
    def api_version(self) -> str:
        """The api-version of the query, or an empty string."""
        return self.query.get("api-version", "")

    @property
    def url(self) -> str:
        """The whole address as the client wrote it."""
        return self.base_url + self.raw_path


@dataclass(slots=True)
class Answer:
    """Status, body and headers of an answer."""

    status: int
    body: Body | None = None
    headers: dict[str, str] = field(default_factory=dict)
