"""A module of the owner's: what fails in it is told with its file and line, and is never taken for an answer."""

import sys
from pathlib import Path

import pytest

from remediators import load_all
from shared.control import Case, LastGood, Remediator
from shared.errors import BadControls
from shared.own_controls import read_own, with_own
from shared.policy import ControlPolicy, Mode, Policy
from tests.builders import a_server, a_state
from tests.engine.world import INTERNET, RULE, World

DOC = '"""own-judgement: a judgement.\n\nWhy      Because.\nFix      None.\nRefuses  Never.\nUndo     None.\n"""\n'
CARD = """
from shared.control import *
from shared.state import SERVER, Setting, SettingKind

CONTROL = Control(
    id="own-judgement", title="A judgement", domain="Contoso", severity=Severity.LOW,
    facets=(SERVER,), operations=frozenset({"write"}), permissions=frozenset({"write"}),
)
"""
RIGHT = DOC + CARD + "REMEDIATORS = (Remediator(CONTROL, lambda state, given: ()),)\n"

UNREAD = "own-judgement finds a drift on a server that was not read; right is NotApplicable, or no drift"
STUMBLES = "own.py:16:1: own-judgement: a server that was not read: AttributeError: 'NoneType' object has no attribute"


def loaded(folder: Path, text: str = RIGHT) -> Remediator:
    (folder / "own.py").write_text(text)
    return with_own(load_all(), folder)["own-judgement"]


def refused(folder: Path, text: str) -> str:
    with pytest.raises(BadControls) as caught:
        loaded(folder, text)
    return str(caught.value).splitlines()[0].removeprefix(f"{folder}/")


def judging(folder: Path, answer: str, plan: str = "put_back") -> Remediator:
    functions = f"def detect(state, given):\n    return {answer} if state.server else ()\n\n"
    functions += f"def plan(case):\n    return {plan}\n\n"
    return loaded(folder, DOC + CARD + functions + "REMEDIATORS = (Remediator(CONTROL, detect, plan),)\n")


def failing(folder: Path, answer: str) -> str:
    with pytest.raises(BadControls) as caught:
        judging(folder, answer).detect(a_state(), None)
    return str(caught.value).removeprefix(f"{folder}/")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("import no_such_library\n", "own.py:1:1: cannot be imported: ModuleNotFoundError: No module named"),
        ("x = 1\ny = = 2\n", "own.py:2:5: cannot be imported: SyntaxError: invalid syntax"),
        ("def f():\n    return 1 / 0\n\nf()\n", "own.py:2:1: cannot be imported: ZeroDivisionError: division by zero"),
        ("raise SystemExit(3)\n", "own.py:1:1: cannot be imported: SystemExit: 3"),
        (RIGHT.replace("Undo ", "Back "), "own.py:1:1: the module's docstring does not say Undo; right is a line"),
        ("x = 1\n", "own.py:1:1: the module's docstring does not say Why, Fix, Refuses, Undo"),
        (DOC, "own.py:1:1: found no REMEDIATORS; right is a tuple: REMEDIATORS = (Remediator(CONTROL, detect),)"),
        (DOC + "REMEDIATORS = (7,)\n", "own.py:1:1: found no REMEDIATORS; right is a tuple"),
        (RIGHT.replace('"own-judgement"', '"Own judgement"'), "own.py:1:1: found the id 'Own judgement'; right is"),
        (RIGHT.replace('"Contoso"', '""'), "own.py:1:1: own-judgement: its card says no domain"),
        (RIGHT.replace("(SERVER,)", "()"), "own.py:1:1: own-judgement: its card names no facets"),
        (RIGHT.replace('operations=frozenset({"write"})', 'operations=frozenset({"Write"})'), "found the operation 'W"),
        (RIGHT.replace("given: ()", "given: (Drift(CONTROL.id, Setting(SettingKind.POWER), 'a', 'b', 'c'),)"), UNREAD),
        (RIGHT.replace("given: ()", "given: state.server.facts"), STUMBLES),
        (RIGHT.replace("given: ()", "given: []"), "own-judgement: a server that was not read: "),
        (RIGHT.replace("own-judgement", "tls-required"), "own.py:1:1: the id 'tls-required' is that of a control that"),
    ],
)
def test_what_is_wrong_is_said_with_the_line(tmp_path: Path, text: str, said: str) -> None:
    assert said in refused(tmp_path, text)


def test_a_module_that_cannot_be_imported_leaves_nothing_behind(tmp_path: Path) -> None:
    refused(tmp_path, "x = 1 / 0\n")
    assert "holdfast_own_controls.own" not in sys.modules


def test_it_is_off_until_the_policy_names_it_whatever_its_card_says(tmp_path: Path) -> None:
    assert not Policy().possible(loaded(tmp_path).control)


def test_its_own_words_are_shown(tmp_path: Path) -> None:
    loaded(tmp_path)
    assert read_own(tmp_path, load_all())["own-judgement"].texts["Why"] == "Because."


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("1 / 0", "own.py:17: own-judgement failed: ZeroDivisionError: division by zero"),
        ("None", "own.py: detect of own-judgement gave None; right is a tuple of its own drifts"),
        ("[]", "own.py: detect of own-judgement gave []; right is a tuple of its own drifts"),
        (
            "(Drift('tls-required', Setting(SettingKind.POWER), 'a', 'b', 'c'),)",
            "own.py: detect of own-judgement gave (",
        ),
    ],
)
def test_a_judgement_that_fails_is_no_answer(tmp_path: Path, answer: str, said: str) -> None:
    assert said in failing(tmp_path, answer)


@pytest.mark.parametrize("plan", ["None", "case.nothing"])
def test_a_plan_that_fails_is_none(tmp_path: Path, plan: str) -> None:
    remediator = judging(tmp_path, "NotApplicable('no')", plan)
    with pytest.raises(BadControls, match=r"own\.py"):
        remediator.plan(Case(a_state(), (), LastGood(), None))


async def test_a_module_that_fails_ends_the_look_before_anything_is_written(tmp_path: Path) -> None:
    judging(tmp_path, "1 / 0")
    catalogue = with_own(load_all(), tmp_path)
    policy = Policy(mode=Mode.ENFORCE, controls={"own-judgement": ControlPolicy(mode=Mode.AUDIT)})
    world = World(a_state(server=a_server(public_access=True)), policy=policy, catalogue=catalogue)
    with pytest.raises(BadControls, match="own-judgement failed: ZeroDivisionError"):
        await world.change(RULE, INTERNET)
    assert world.arm.writes == []


# The folder


def test_a_folder_that_is_not_there_or_holds_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadControls, match="HOLDFAST_CONTROLS: there is no folder"):
        read_own(tmp_path / "none", {})
    (tmp_path / "_mine.py").write_text("1 / 0\n")
    (tmp_path / "README.md").write_text("# Ours\n")
    with pytest.raises(BadControls, match=r"HOLDFAST_CONTROLS: found no \*\.yaml or \*\.py file"):
        read_own(tmp_path, {})


def test_no_link_is_followed_out_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "elsewhere.py").write_text(RIGHT)
    folder = tmp_path / "controls"
    folder.mkdir()
    (folder / "own.py").symlink_to(tmp_path / "elsewhere.py")
    with pytest.raises(BadControls, match=r"own\.py:1:1: cannot be read: it is a link that leads out"):
        read_own(folder, {})


def test_one_wrong_file_keeps_all_from_counting(tmp_path: Path) -> None:
    (tmp_path / "zz.yaml").write_text("controls: 7\n")
    with pytest.raises(BadControls, match=r"zz\.yaml:1:11"):
        loaded(tmp_path)
