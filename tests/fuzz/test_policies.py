"""Policy files: any text is a policy, or an error that says where."""

from typing import Any

from hypothesis import strategies as st
from ruamel.yaml import YAML

from shared.errors import BadPolicy
from shared.policy_file import load_policy
from shared.settings import ROOT
from tests.builders import CATALOGUE
from tests.fuzz.amount import law
from tests.fuzz.hostile import anything, as_bytes, one_of_mutated
from tests.fuzz.log import nobody_forges_a_line

_FILES = sorted((ROOT / "cli").glob("**/*.yaml"))
TEXTS: dict[str, bytes] = {path.name: path.read_bytes() for path in _FILES}
PLAIN: dict[str, Any] = {name: YAML(typ="safe", pure=True).load(text) for name, text in TEXTS.items()}


@st.composite
def cut_up(draw: st.DrawFn) -> bytes:
    """A policy file of ours with a piece cut out and another put in."""
    text = draw(st.sampled_from(list(TEXTS.values())))
    start, length = draw(st.integers(0, len(text))), draw(st.integers(0, 20))
    return text[:start] + draw(st.binary(max_size=12)) + text[start + length :]


@law("policy files", 6, as_bytes(one_of_mutated(PLAIN) | anything) | cut_up())
def test_any_text_is_a_policy_or_an_error_that_says_where(body: bytes) -> None:
    with nobody_forges_a_line():
        try:
            load_policy(body, "policy.yaml", CATALOGUE)
        except BadPolicy as error:
            said = str(error)
        else:
            return
    assert all(line.startswith("policy.yaml") for line in said.split("\n")), said
