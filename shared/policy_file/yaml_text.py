"""YAML text to plain data, and where each key and value stands. Knows YAML, nothing of policies.

Only what a configuration needs is taken: one document, text keys, no tags. What stands twice, nests too deep or grows
through aliases is refused. YAML 1.2: `on`, `off`, `yes` and `no` are text.
"""

import re
from collections.abc import Iterator
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

from shared.policy.spot import Problem, Spot
from shared.policy_file.document import Document, Path

MAX_BYTES = 1_000_000
_MAX_DEPTH = 20
# Less than ten bytes for each value is what aliases make of a file.
_BYTES_PER_VALUE = 10
_TEXT = ("str", "timestamp", "merge")
_SIMPLE = ("null", "bool", "int", "float")


def read_yaml(source: str | bytes, file: str, most_bytes: int = MAX_BYTES) -> Document:
    """Read the text of a file. Where it is no YAML, the document has problems and no data."""
    document = Document(file)
    try:
        text = _text(source, most_bytes)
        _refuse_directives(text)
        yaml = YAML(typ="safe", pure=True)
        yaml.max_depth = _MAX_DEPTH
        yaml.composer.warn_double_anchors = False
        root = yaml.compose(text)
        if root is None:
            raise _Refused(1, 1, "the file is empty; right is at least one line `key: value`")
        document.data = _Reading(yaml, document, most_bytes // _BYTES_PER_VALUE).value(root, ())
    except _Refused as refused:
        document.problems.append(Problem(Spot(file, refused.line, refused.column), str(refused)))
    except ReaderError as error:
        spot = Spot(file, *_place(text[: error.position]))
        document.problems.append(Problem(spot, f"the character {error.character:#x} is not allowed in YAML"))
    except MarkedYAMLError as error:
        document.problems.append(_explained(error, text, file))
    return document


class _Refused(Exception):
    def __init__(self, line: int, column: int, text: str) -> None:
        super().__init__(text)
        self.line, self.column = line, column


def _text(source: str | bytes, most_bytes: int) -> str:
    data = source.encode("utf-8", "surrogatepass") if isinstance(source, str) else source
    if len(data) > most_bytes:
        raise _Refused(1, 1, f"the file has {len(data)} bytes, at most {most_bytes} are read")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = _place(data[: error.start].decode("utf-8"))
        raise _Refused(*place, f"found the byte {data[error.start]:#04x}; the file must be UTF-8") from error


def _refuse_directives(text: str) -> None:
    """`%YAML 1.1` would make `off` something else than text."""
    directive = re.search(r"^%", text, re.MULTILINE)
    if directive:
        raise _Refused(*_place(text[: directive.start()]), "found a directive (%); none is needed")


def _place(before: str) -> tuple[int, int]:
    return before.count("\n") + 1, len(before) - before.rfind("\n")


# What the parser complains about, and what a person has to do about it.
_HINTS = (
    ("'\\t'", "found a tab; indent with spaces"),
    ("mapping values are not allowed", "found `: ` where no key can stand; text that contains it needs quotes"),
    ("could not find expected ':'", "found a line that is neither `key: value` nor `- item`"),
    ("<document start>", "found an indentation that fits none of the lines above"),
    ("expected <block end>", "found an indentation that fits none of the lines above"),
    ("did not find expected", "found something that does not belong here; check commas, brackets and indentation"),
    ("another document", "found a second document; a file holds one"),
    ("depth", f"found more than {_MAX_DEPTH} levels; fewer are right"),
)


def _explained(error: MarkedYAMLError, text: str, file: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    said = f"{error.context or ''} {error.problem or ''}".strip()
    if text[mark.index : mark.index + 1] == "\t":
        said = "'\\t'"
    hint = next((hint for fragment, hint in _HINTS if fragment in said), f"not YAML: {said}")
    return Problem(Spot(file, mark.line + 1, mark.column + 1), hint)


class _Reading:
    """One walk over the nodes of a document."""

    def __init__(self, yaml: YAML, document: Document, most_values: int) -> None:
        self._yaml = yaml
        self._document = document
        self._left = most_values

    def value(self, node: Node, path: Path) -> Any:
        """The node's value; each place is noted."""
        spot = self._spot(node)
        self._left -= 1
        if self._left < 0 or len(path) > _MAX_DEPTH:
            raise _Refused(
                spot.line, spot.column, "aliases repeat themselves without end or too often; write the values out"
            )
        self._document.values[path] = spot
        match node:
            case MappingNode() if _kind(node) == "map":
                return {key: self.value(item, (*path, key)) for key, item in self._items(node, path)}
            case SequenceNode() if _kind(node) == "seq":
                return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
            case ScalarNode():
                return self._scalar(node)
            case _:
                return self._refuse(node, f"found the tag {node.tag}; no tag is needed")

    def _items(self, node: MappingNode, path: Path) -> Iterator[tuple[str, Node]]:
        seen: dict[str, int] = {}
        for key_node, item in node.value:
            key = self._scalar(key_node) if isinstance(key_node, ScalarNode) else None
            spot = self._spot(key_node)
            if not isinstance(key, str):
                self._refuse(key_node, "found a key that is not text; write it in quotes")
            elif key in seen:
                self._refuse(key_node, f"found the key {key!r} a second time; the first is in line {seen[key]}")
            else:
                seen[key] = spot.line
                self._document.keys[*path, key] = spot
                yield key, item

    def _scalar(self, node: ScalarNode) -> Any:
        kind = _kind(node)
        if kind in _TEXT:
            return self._whole(node)
        try:
            if kind in _SIMPLE:
                return self._yaml.constructor.construct_object(node)
        except (ValueError, LookupError, YAMLError):
            return self._refuse(node, f"found {node.value[:40]!r}, which is no {kind}")
        return self._refuse(node, f"found the tag {node.tag}; no tag is needed")

    def _whole(self, node: ScalarNode) -> Any:
        """The text. JSON writes letters beyond the first 65536 as two halves; one half alone is no letter."""
        try:
            return str(node.value).encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError:
            return self._refuse(node, "found half a character (\\ud800 to \\udfff); write it whole")

    def _refuse(self, node: Node, text: str) -> None:
        spot = self._spot(node)
        self._document.problems.append(Problem(spot, text))
        self._document.refused.add(spot)

    def _spot(self, node: Node) -> Spot:
        return Spot(self._document.file, node.start_mark.line + 1, node.start_mark.column + 1)


def _kind(node: Node) -> str:
    return str(node.tag).removeprefix("tag:yaml.org,2002:")
