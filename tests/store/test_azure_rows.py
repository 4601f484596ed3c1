"""How documents lie in table rows, without a table."""

import pytest

from shared.errors import StoreUnavailable
from shared.store.azure_rows import document_of, packed


def test_what_was_packed_comes_back() -> None:
    assert document_of(packed(b"{}", "a row")) == b"{}"


@pytest.mark.parametrize("row", [{"part00": b"{}"}, {"part00": b""}, {"part00": "text"}, {"other": b""}, {}], ids=str)
def test_a_row_that_somebody_else_wrote_is_refused(row: dict[str, object]) -> None:
    with pytest.raises(StoreUnavailable, match="a row that Holdfast did not write"):
        document_of(row)
