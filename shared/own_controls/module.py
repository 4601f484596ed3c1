"""A Python module of the owner's controls: the same two functions and a card as those that ship, loaded by its path.

It runs with everything that Holdfast may do, so what fails in it must never pass for an answer: an error while it is
loaded or asked says the file, the line and the control.
"""

import re
import sys
import traceback
from collections.abc import Callable
from dataclasses import replace
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from pydantic import ValidationError

from shared.control import Case, Control, Drift, Finding, NotApplicable, Proposal, Refusal, Remediator
from shared.docstring import HEADINGS, texts_of
from shared.errors import BadControls
from shared.own_controls.own import Own
from shared.policy.spot import Problem, Spot
from shared.state import State
from shared.target import Target

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")


def read_module(path: Path) -> tuple[list[Own], list[Problem]]:
    """The controls of a module, and what is wrong with it."""
    name = f"holdfast_own_controls.{path.stem}"
    try:
        module = _imported(path, name)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a foreign module raises is told with its place
        sys.modules.pop(name, None)
        return [], [Problem(_spot(path, error), f"cannot be imported: {_said(error)}")]
    missing = [word for word in HEADINGS if word not in texts_of(module.__doc__ or "")]
    if missing:
        text = f"the module's docstring does not say {', '.join(missing)}; right is a line `{missing[0]} ...` for each"
        return [], [Problem(Spot(path.name, 1, 1), text)]
    return _controls(path, module)


def _imported(path: Path, name: str) -> ModuleType:
    spec = spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path.name} is no Python module")
    module = module_from_spec(spec)
    # Dataclasses and pydantic look their module up.
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _controls(path: Path, module: ModuleType) -> tuple[list[Own], list[Problem]]:
    spot = Spot(path.name, 1, 1)
    given = getattr(module, "REMEDIATORS", None)
    if not isinstance(given, tuple) or not given or not all(isinstance(one, Remediator) for one in given):
        return [], [
            Problem(spot, "found no REMEDIATORS; right is a tuple: REMEDIATORS = (Remediator(CONTROL, detect),)")
        ]
    problems = [Problem(spot, text) for one in given for text in _wrong(one.control)]
    if problems:
        return [], problems
    texts = texts_of(module.__doc__ or "")
    own = [Own(_guarded(path, one), spot, texts) for one in given]
    return own, [problem for one in own for problem in _tried(path, one)]


def _tried(path: Path, own: Own) -> list[Problem]:
    """What is wrong with the judgement of a server that was not read: of that, nothing can be said."""
    card = own.remediator.control
    try:
        parameters = card.parameters()
    except ValidationError:
        return []
    for kind in card.kinds:
        try:
            found = own.remediator.detect(State(Target(kind, "subscription", "group", "server")), parameters)
        except BadControls as error:
            return [
                Problem(_spot(path, error.__cause__ or error), f"{card.id}: a server that was not read: {_why(error)}")
            ]
        if isinstance(found, tuple) and found:
            text = f"{card.id} finds a drift on a server that was not read; right is NotApplicable, or no drift"
            return [Problem(own.spot, text)]
    return []


def _why(error: BadControls) -> str:
    return _said(error.__cause__) if error.__cause__ else str(error)


def _wrong(card: Control) -> list[str]:
    """What is wrong with a card."""
    found = []
    if not _ID.fullmatch(card.id):
        found.append(f"found the id {card.id!r}; right is 1 to 64 lower-case letters, digits and dashes")
    said = ("title", "domain", "kinds")
    found += [f"{card.id}: its card says no {name}" for name in said if not getattr(card, name)]
    if not card.facets:
        found.append(f"{card.id}: its card names no facets, so nothing would be read for it")
    upper = sorted(one for kind in card.kinds for one in card.on(kind).operations if one != one.lower())
    if upper:
        found.append(f"{card.id}: found the operation {upper[0]!r}; right is lower case, as it is compared")
    return found


# -- while it is asked ------------------------------------------------------------------------------------------------


def _guarded(path: Path, given: Remediator) -> Remediator:
    """The same, off until the policy names it, with answers that are checked."""
    card = replace(given.control, optional=True)
    return Remediator(card, _detecting(path, card, given.detect), _planning(path, card, given.plan))


def _detecting(path: Path, card: Control, detect: Callable[[Any, Any], Finding]) -> Callable[[Any, Any], Finding]:
    def asked(state: Any, parameters: Any) -> Finding:
        found = _answer(path, card, lambda: detect(state, parameters))
        if isinstance(found, NotApplicable):
            return found
        if isinstance(found, tuple) and all(isinstance(one, Drift) and one.control == card.id for one in found):
            return found
        raise BadControls(f"{path}: detect of {card.id} gave {found!r:.200}; right is a tuple of its own drifts")

    return asked


def _planning(path: Path, card: Control, plan: Callable[[Case], Proposal]) -> Callable[[Case], Proposal]:
    def asked(case: Case) -> Proposal:
        found = _answer(path, card, lambda: plan(case))
        if isinstance(found, tuple | Refusal):
            return found
        raise BadControls(f"{path}: plan of {card.id} gave {found!r:.200}; right is a tuple of changes, or a Refusal")

    return asked


def _answer[T](path: Path, card: Control, ask: Callable[[], T]) -> T:
    try:
        return ask()
    except Exception as error:
        raise BadControls(f"{path.parent / str(_spot(path, error))}: {card.id} failed: {_said(error)}") from error


def _spot(path: Path, error: BaseException) -> Spot:
    """The last line of the file that the error has passed."""
    if isinstance(error, SyntaxError) and error.filename == str(path):
        return Spot(path.name, error.lineno or 1, error.offset or 1)
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    return Spot(path.name, (lines[-1] or 1) if lines else 1, 1)


def _said(error: BaseException) -> str:
    text = error.msg if isinstance(error, SyntaxError) else str(error)
    return f"{type(error).__name__}: {text}" if text else type(error).__name__
