"""An answer for programs: JSON, YAML or CSV, without colours and without wrapping."""

import csv
import io
import json
from collections.abc import Mapping
from typing import Any

from rich.console import Console

from cli.options import Format

# What a spreadsheet would take for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def written(console: Console, format_: Format, thing: object, rows: str = "") -> None:
    """Write the thing. Of a mapping, the list below `rows` makes the rows of CSV; without it there is one row."""
    # As JSON has it, the same in every format.
    plain = json.loads(json.dumps(thing, default=str))
    if format_ is Format.CSV:
        console.file.write(_csv(plain.get(rows, plain) if isinstance(plain, dict) else plain))
    elif format_ is Format.YAML:
        console.file.write(_yaml(plain))
    else:
        console.file.write(as_json(plain) + "\n")


def as_json(plain: Any) -> str:
    """As people can read it, too."""
    return json.dumps(plain, indent=2, ensure_ascii=False)


def _yaml(plain: Any) -> str:
    # Imported late: only this format needs it.
    from ruamel.yaml import YAML
    from ruamel.yaml.nodes import ScalarNode
    from ruamel.yaml.representer import SafeRepresenter

    class Representer(SafeRepresenter):
        """Texts with what cannot be seen stand in quotes, where it is escaped: elsewhere it would end lines."""

    def represented(representer: SafeRepresenter, text: str) -> ScalarNode:
        quoted = None if text.isprintable() else '"'
        return representer.represent_scalar("tag:yaml.org,2002:str", text, style=quoted)

    Representer.add_representer(str, represented)
    yaml = YAML(typ="safe", pure=True)
    yaml.Representer = Representer
    yaml.default_flow_style, yaml.allow_unicode, yaml.width = False, True, 10_000
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]  # ruamel's own annotation is of None
    out = io.StringIO()
    yaml.dump(plain, out)
    return out.getvalue()


def _csv(plain: Any) -> str:
    """A row for each item. Members of members are columns of their own, `a.b`; lists are one cell."""
    items = [_flat(one) for one in (plain if isinstance(plain, list) else [plain])]
    columns = list(dict.fromkeys(name for item in items for name in item))
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    if columns:
        table.writerow(map(_harmless, columns))
    table.writerows([_harmless(item.get(name, "")) for name in columns] for item in items)
    return out.getvalue()


def _flat(thing: Any, prefix: str = "") -> dict[str, str]:
    if not isinstance(thing, Mapping):
        return {prefix or "value": _cell(thing)}
    cells: dict[str, str] = {}
    for name, value in thing.items():
        path = f"{prefix}.{name}" if prefix else str(name)
        cells |= _flat(value, path) if isinstance(value, Mapping) and value else {path: _cell(value)}
    return cells


def _cell(value: Any) -> str:
    if isinstance(value, list) and not any(isinstance(one, list | dict) for one in value):
        return " ".join(map(_cell, value))
    if isinstance(value, str):
        return value
    return "" if value is None or value == {} else json.dumps(value, ensure_ascii=False)


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA) else text
