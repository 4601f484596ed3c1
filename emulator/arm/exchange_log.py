"""Every ARM exchange as one JSON line, in the form that the contract validator reads. Tokens never get there."""

import json
from pathlib import Path
from typing import TextIO

from emulator.arm.call import Answer, Call
from emulator.body import Body

_SECRETS = ("administratorLoginPassword", "password", "storageAccountAccessKey")  # as properties are called


class ExchangeLog:
    """Appends to the file; a None path writes nothing."""

    def __init__(self, path: Path | None) -> None:
        self._file: TextIO | None = path.open("a", encoding="utf-8") if path else None

    def write(self, call: Call, answer: Answer) -> None:
        """Append one exchange."""
        if self._file is None:
            return
        line = {
            "method": call.method,
            "url": call.url,
            "request_body": _hidden(call.body),
            "status": answer.status,
            "response_body": answer.body,
            "headers": answer.headers,
        }
        self._file.write(json.dumps(line, separators=(",", ":")) + "\n")
        self._file.flush()

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()


def _hidden(body: Body | None) -> Body | None:
    properties = body.get("properties") if body else None
    if body is None or not isinstance(properties, dict):
        return body
    hidden = {name: "***" for name in _SECRETS if properties.get(name)}
    return {**body, "properties": properties | hidden} if hidden else body
