"""Documents behave like a dictionary whose entries carry a version, whatever is done in whatever order."""

from dataclasses import dataclass, field
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.errors import Conflict
from shared.ports import Document, Store

_NUMBERS = count()
_LETTERS = st.text("ab0-", min_size=1, max_size=2)
_NAMES = st.lists(_LETTERS, min_size=1, max_size=2).map("/".join)
_BODIES = st.binary(max_size=20)
# Which version a write claims to have read: the present one, none, or the number of an earlier one of any document.
_CLAIMS = st.sampled_from(["present", ""]) | st.integers(0, 30)
_WRITES = st.tuples(st.just("write"), _NAMES, _BODIES, _CLAIMS)
_REMOVALS = st.tuples(st.just("remove"), _NAMES, st.just(b""), st.just(""))
_LISTS = st.tuples(st.just("list"), st.just("") | _NAMES, st.just(b""), st.integers(0, 5))


@dataclass
class Model:
    """What the store ought to hold of one collection."""

    store: Store
    collection: str
    documents: dict[str, Document] = field(default_factory=dict)
    versions: list[str] = field(default_factory=list)

    async def write(self, name: str, body: bytes, claim: str | int) -> None:
        present = self.documents[name].version if name in self.documents else ""
        claimed = present if claim == "present" else self._earlier(claim)
        try:
            version = await self.store.write_document(name, body, claimed)
        except Conflict:
            assert claimed != present
        else:
            assert claimed == present
            assert version not in ("", *self.versions)
            self.versions.append(version)
            self.documents[name] = Document(name, body, version)

    async def remove(self, name: str) -> None:
        await self.store.remove_document(name)
        self.documents.pop(name, None)

    async def list(self, prefix: str, limit: int) -> None:
        expected = [self.documents[name] for name in sorted(self.documents) if name.startswith(prefix)]
        assert await self.store.documents(prefix) == expected
        assert await self.store.documents(prefix, limit) == expected[:limit]

    def _earlier(self, claim: str | int) -> str:
        return self.versions[claim % len(self.versions)] if isinstance(claim, int) and self.versions else ""


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(_WRITES | _WRITES | _REMOVALS | _LISTS, max_size=20))
async def test_documents_are_a_dictionary_with_versions(
    store: Store, steps: list[tuple[str, str, bytes, str | int]]
) -> None:
    model = Model(store, f"c{next(_NUMBERS)}")
    for verb, end, body, number in steps:
        name = f"{model.collection}/{end}"
        if verb == "write":
            await model.write(name, body, number)
        elif verb == "remove":
            await model.remove(name)
        else:
            await model.list(name, int(number))
        assert await store.document(f"{model.collection}/a") == model.documents.get(f"{model.collection}/a")
    await model.list(f"{model.collection}/", 1000)
    for name, document in model.documents.items():
        assert await store.document(name) == document
