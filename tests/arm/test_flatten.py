"""ARM's JSON as named texts, and back again without loss."""

from hypothesis import given
from hypothesis import strategies as st

from shared.arm.flatten import flattened, unflattened

names = st.from_regex(r"[a-z][A-Za-z]{0,8}", fullmatch=True)
# Text that looks like JSON's own words is named in TEXTS, or Azure has no such text.
words = st.from_regex(r"[A-Za-z/][A-Za-z0-9/_.]{0,12}", fullmatch=True)
texts = words.filter(lambda text: text not in ("true", "false"))
scalars = texts | st.booleans() | st.integers(-(10**9), 10**9)
lists = st.lists(texts | st.fixed_dictionaries({"category": texts, "enabled": st.booleans()}), max_size=3)
bodies = st.recursive(
    st.dictionaries(names, scalars | lists, min_size=1, max_size=3),
    lambda inner: st.dictionaries(names, inner | scalars, min_size=1, max_size=3),
    max_leaves=8,
)


@given(bodies)
def test_what_was_read_is_written_as_it_was(body: dict[str, object]) -> None:
    assert unflattened(flattened(body)) == body


def test_nested_members_are_named_by_their_way() -> None:
    body = {"storage": {"autoGrow": "Enabled", "storageSizeGB": 32}, "logs": [{"enabled": True}], "nothing": None}
    assert flattened(body) == {
        "storage.autoGrow": "Enabled",
        "storage.storageSizeGB": "32",
        "logs": '[{"enabled": true}]',
    }


def test_a_version_is_text_although_it_looks_like_a_number() -> None:
    assert unflattened({"version": "16", "retention": "7"}) == {"version": "16", "retention": 7}
