"""What each kind of notice typically reports, and an app with pages."""

from cli.examples import ALERT_LINK, EXAMPLES, TAGS, UNDONE_RECORD, an_example
from shared.journal import Notice

__all__ = ["ALERT_LINK", "EXAMPLES", "TAGS", "UNDONE_RECORD", "Pages", "an_example"]


class Pages:
    """An app with pages; its addresses hold what an address may hold."""

    def approval(self, notice: Notice) -> str:
        return "https://holdfast.example/decide/(a)?token=a.b-c_d~e&amp;next=%2F"

    def record(self, record: str) -> str:
        return f"https://holdfast.example/records/{record}?q=[1]*2*"

    def server(self, target: str) -> str:
        return f"https://holdfast.example/servers/{target.rpartition('/')[2]}?q=[1]*2*"
