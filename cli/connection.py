"""To which Holdfast a command speaks, and as whom: what `--connect`, `--as` and `--store` name, as settings.

`holdfast up` prints one line of JSON; kept in a file, it is all that `--connect` needs. Without it the settings of the
environment count, as they do for the app, and in Azure the person's own sign-in (`az login`).
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.errors import BadSettings, Refused
from shared.settings import Settings, read_settings

# What Azure's own libraries read from the environment of the process.
_READ_BY_LIBRARIES = ("SSL_CERT_FILE", "IDENTITY_ENDPOINT", "IDENTITY_HEADER")


@dataclass(frozen=True, slots=True)
class Connection:
    """The three options that every command has."""

    connect: Path | None = None
    as_: str = ""
    store: str = ""

    def settings(self) -> Settings:
        """The settings, with the environment of this process prepared for Azure's libraries. Raises BadSettings."""
        line = _line(self.connect) if self.connect else {}
        if self.as_ and not line:
            raise Refused("--as names somebody of an emulated Azure; it needs --connect (what `holdfast up` printed)")
        given = dict(line.get("environment", {}))
        if self.as_:
            given["IDENTITY_HEADER"] = _header(line, self.as_)
        os.environ.update({name: given[name] for name in _READ_BY_LIBRARIES if name in given})
        settings = self._read({**os.environ, **given, **({"HOLDFAST_STORE": self.store} if self.store else {})})
        if settings.sqlite_path and not Path(settings.sqlite_path).is_file():
            raise BadSettings(f"no store at {settings.sqlite_path}: has the Holdfast that kept it ended?")
        return settings

    def _read(self, environment: Mapping[str, str]) -> Settings:
        try:
            return read_settings(environment)
        except BadSettings as error:
            if self.connect or self.store:
                raise
            raise BadSettings(f"{error}; for a `holdfast up` that runs, say --connect FILE") from error

    @property
    def someone_must_be_named(self) -> bool:
        """Whether the environment of `holdfast up` would otherwise make a person Holdfast itself."""
        return self.connect is not None and not self.as_

    def people(self) -> list[str]:
        """Whom `--as` can name, less the app itself."""
        line = _line(self.connect) if self.connect else {}
        own = line.get("environment", {}).get("IDENTITY_HEADER")
        return [key for key, one in line.get("principals", {}).items() if one["identity_header"] != own]


def _line(path: Path) -> Mapping[str, Any]:
    """What `holdfast up` printed first."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadSettings(f"--connect {path}: cannot be read: {error}") from error
    if not text.strip():
        raise BadSettings(f"--connect {path}: the file is empty; `holdfast up` prints its line once everything runs")
    try:
        line = json.loads(text.strip().splitlines()[0])
    except ValueError:
        line = None
    if not isinstance(line, dict) or not isinstance(line.get("environment"), dict):
        raise BadSettings(f"--connect {path}: found no line of `holdfast up`; keep it with `holdfast up > up.json`")
    return line


def _header(line: Mapping[str, Any], key: str) -> str:
    principals = line.get("principals", {})
    if key not in principals:
        raise Refused(f"--as {key}: nobody of this Azure has that name; there are {', '.join(principals)}")
    return str(principals[key]["identity_header"])
