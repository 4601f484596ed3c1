"""What a row may say beyond its shape: each problem is noted where it stands, with what is known."""

from collections.abc import Iterable, Iterator

from shared.control import Disposition
from shared.frameworks import NAMES
from shared.own_controls.rows import KINDS, condition_of, writable
from shared.own_controls.sheet import RowSheet
from shared.own_controls.told import TOLD
from shared.policy_file.document import Document, Path
from shared.policy_file.wording import nearest

_QUESTIONS = ("one_of", "between", "has", "text")


def check_row(document: Document, path: Path, sheet: RowSheet) -> None:
    """Note everything that is wrong with the row."""
    for key, text in (*_subject(sheet), *_condition(sheet), *_acting(sheet), *_frameworks(sheet)):
        where: Path = (*path, *key)
        document.note(where, text, key=where in document.keys and key[:1] == ("frameworks",))


type _Problems = Iterator[tuple[Path, str]]


def _subject(sheet: RowSheet) -> _Problems:
    if (sheet.property is None) is (sheet.parameter is None):
        found = "none" if sheet.property is None else "both"
        yield (), f"found {found} of `property` and `parameter`; a control is about exactly one of them"
    elif sheet.property is not None:
        for index, word in enumerate(sheet.kinds):
            wrong = _unknown(sheet.property, word)
            if wrong:
                yield (("kinds", index), wrong) if _known_elsewhere(sheet.property) else (("property",), wrong)
                return


def _known_elsewhere(name: str) -> list[str]:
    return [word for word, kind in KINDS.items() if name in TOLD[kind]]


def _unknown(name: str, word: str) -> str:
    """Why Azure tells no such property of this kind of server; empty where it does."""
    known = TOLD[KINDS[word]]
    if name in known:
        return ""
    others = _known_elsewhere(name)
    if others:
        return f"{word} servers have no property {name!r}; it is one of {' and '.join(others)} servers"
    inside = sorted(one for one in known if one.startswith(f"{name}."))
    if inside:
        return f"{name!r} is several properties; name one: {', '.join(inside)}"
    return f"unknown property {name!r} of {word} servers; {nearest(name, sorted(known))} {_known(sorted(known))}"


def _known(names: Iterable[str]) -> str:
    return f"(known are {', '.join(names)})"


def _condition(sheet: RowSheet) -> _Problems:
    given = [name for name in _QUESTIONS if getattr(sheet.condition, name) is not None]
    if len(given) != 1:
        found = " and ".join(given) or "none"
        yield ("condition",), f"found {found}; a condition is exactly one of {', '.join(_QUESTIONS)}"
        return
    limits, wanted = sheet.condition.between, sheet.wanted
    if limits is not None and not 0 <= limits.low <= limits.high:
        yield ("condition", "between"), f"found {limits.low} to {limits.high}; the lower number comes first, from 0 on"
    elif given == ["has"] and wanted is not None:
        yield ("wanted",), "take `wanted` out: a list keeps what is in it and gets what is missing"
    elif given == ["text"] and wanted is None and not sheet.person:
        yield (
            ("condition", "text"),
            "`wanted` is missing: the whole text that is written where one of these is not in it",
        )
    elif wanted is not None and not condition_of(sheet).holds(str(wanted)):
        yield ("wanted",), f"found {wanted!r}, which the condition does not let through: {condition_of(sheet)}"


def _acting(sheet: RowSheet) -> _Problems:
    if not sheet.person and not writable(sheet) and not any(problem for problem in _subject(sheet)):
        yield ("property",), f"no write changes {sheet.property}; say in `person` what somebody does about it"
    if sheet.person:
        for name in ("fresh", "first_sight"):
            if getattr(sheet, name) not in (None, Disposition.NOTIFY):
                yield (name,), "what `person` says is told and never written: take the line out, or write notify"


def _frameworks(sheet: RowSheet) -> _Problems:
    for name in sheet.frameworks:
        if name not in NAMES:
            yield ("frameworks", name), f"unknown framework {name!r}; {nearest(name, NAMES)} {_known(NAMES)}"
