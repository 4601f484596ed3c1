"""The pages over a store in memory: ask for one as a browser does, signed in or not, and see what comes back."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from local_host.sign_in import Somebody
from shared.approvals import enlist
from shared.control import Change, Risk, Source
from shared.journal import Actor, ChangeLine, Entry, FindingLine, Notice, NoticeKind, Report, Stage, Trigger
from shared.memory import Approval, Memory
from shared.policy import Policy
from shared.ports import Commit
from shared.state import Setting, SettingKind
from shared.target import Target
from shared.tokens import Tokens
from shared.web.door import answer
from shared.web.http import Request, Response
from shared.web.links import PageLinks
from shared.web.site import Front, Site
from tests.builders import CATALOGUE, NOON, a_target, a_trigger
from tests.fakes.store import MemoryStore

ADDRESS = "https://holdfast.contoso.example"
RECORD = "019580f2-aaaa-7000-8000-000000000001"
ADA = Somebody(name="ada.admin@contoso.example", object_id="aaaaaaaa-0000-4000-8000-000000000001")
DANA = Somebody(name="dana.fields@contoso.example", object_id="dddddddd-0000-4000-8000-000000000001")
HER_CHANGE = Actor(DANA.name, DANA.object_id, "04b07795-8ddb-461a-bbee-02f9e1bf7b46", "user", "198.51.100.23")
DIGEST = "d" * 64
SETTING = Setting(SettingKind.PUBLIC_ACCESS)
CHANGE = Change(SETTING, "Enabled", "Disabled", Source.POLICY, Risk.CUTS_ONLY_DOOR)


def a_report(target: Target | None = None, **changes: Any) -> Report:
    line = ChangeLine(str(SETTING), "Enabled", "Disabled", "policy", "cuts-only-door")
    finding = FindingLine(
        control="public-network-access-disabled",
        title="Public network access is disabled",
        severity="high",
        setting=str(SETTING),
        found="Enabled",
        wanted="Disabled",
        why="the server can be reached from the internet",
        verb="ask",
        reason="a person has to approve it: it would close the only way into the server (policy.yaml:12)",
    )
    given: dict[str, Any] = {
        "record": RECORD,
        "target": (target or a_target()).id,
        "severity": "high",
        "at": NOON,
        "trigger": a_trigger(target, "write", actor=HER_CHANGE),
        "findings": (finding,),
        "changes": (line,),
        "approval": RECORD,
    }
    return Report(**(given | changes))


def an_approval(report: Report | None = None, **changes: Any) -> Approval:
    given: dict[str, Any] = {
        "id": RECORD,
        "controls": ("public-network-access-disabled",),
        "changes": (CHANGE,),
        "digest": DIGEST,
        "report": report or a_report(),
        "asked_at": NOON,
        "expires_at": NOON + timedelta(hours=24),
        "caused_by": HER_CHANGE,
    }
    return Approval(**(given | changes))


@dataclass(slots=True)
class Pages:
    """A browser in front of the pages; `signed_in` is who uses it."""

    policy: Policy = field(default_factory=Policy)
    signs_people_in: bool = True
    signed_in: Somebody | None = None
    at: datetime = NOON
    store: MemoryStore = field(init=False)
    tokens: Tokens = field(init=False)

    def __post_init__(self) -> None:
        self.store = MemoryStore(lambda: self.at)
        self.tokens = Tokens(["k" * 32])

    async def wait_for_a_person(self, approval: Approval | None = None) -> str:
        """Have a plan wait as the engine does; the token of the link in the message about it."""
        approval, target = approval or an_approval(), a_target()
        await enlist(self.store, approval, target)
        dossier = await self.store.load(target)
        asked = Entry(approval.id, approval.entries - 1, Stage.ASKED, approval.asked_at, approval.report)
        memory = replace(dossier.memory, approvals=(*dossier.memory.approvals, approval))
        await self.store.commit(target, dossier.version, Commit(memory, (asked,)))
        return self.link(approval.report).removeprefix(f"{ADDRESS}/api/approve/")

    def link(self, report: Report) -> str:
        """The link to a plan in the message about it."""
        notice = Notice("n", NoticeKind.APPROVAL_NEEDED, report, report.at)
        return PageLinks(ADDRESS, self.tokens, 24).approval(notice)

    async def forget(self, detail: str) -> None:
        """Close the question as the pass after the decision does."""
        target = a_target()
        dossier = await self.store.load(target)
        (approval,) = dossier.memory.approvals
        ended = Entry(approval.id, 1, Stage.DECIDED, self.at, approval.report, detail)
        await self.store.commit(target, dossier.version, Commit(Memory(), (ended,)))
        await self.store.remove_document(f"approvals/{approval.id}")

    async def get(self, path: str) -> Response:
        """Open a page."""
        return await self.ask("GET", path, {}, b"")

    async def post(self, path: str, form: Mapping[str, str] | bytes, **headers: str) -> Response:
        """Send a form from one of our own pages, unless other headers say otherwise."""
        own = {
            "origin": ADDRESS,
            "sec-fetch-site": "same-origin",
            "content-type": "application/x-www-form-urlencoded",
        }
        given = {name.replace("_", "-"): text for name, text in headers.items()}
        return await self.ask("POST", path, own | given, form if isinstance(form, bytes) else urlencode(form).encode())

    async def ask(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Response:
        """Send any request."""
        front = Front(ADDRESS, self.signs_people_in, lambda: self.at)

        async def site() -> Site:
            return Site(self.store, self.policy, CATALOGUE, self.tokens, front)

        platform = self.signed_in.headers() if self.signed_in else {}
        page, _, rest = path.partition("?")[0].partition("/")
        page = "undo" if path.endswith("/undo") else "history" if page == "records" and not rest else page
        values = dict.fromkeys(("token", "record", "server"), rest.partition("/")[0])
        sent = {**headers, **{name.lower(): text for name, text in platform.items()}}
        return await answer(front, site, page, Request(method, f"{ADDRESS}/api/{path}", sent, values, body))

    # The page of a plan

    async def open(self, token: str) -> Response:
        """Follow the link in a message."""
        return await self.get(f"approve/{token}")

    async def decide(
        self, token: str, verdict: str = "approve", reason: str = "", seal: str | None = None, **headers: str
    ) -> Response:
        """Press a button of the page; with the seal of the page itself unless another is given."""
        if seal is None:
            seal = seal_of(await self.open(token))
        form = {"seal": seal, "verdict": verdict, "reason": reason}
        return await self.post(f"approve/{token}", form, **headers)

    async def triggers(self) -> tuple[Trigger, ...]:
        """What waits for the next pass over the server."""
        return (await self.store.load(a_target())).triggers


def seal_of(response: Response, after: str = "<main") -> str:
    """The hidden field of the first form that comes after these words."""
    _, _, rest = response.body.partition(after)
    found = re.search(r'name="seal" value="([^"]*)"', rest)
    return found[1] if found else ""


def text_of(response: Response) -> str:
    """What a reader sees, on one line."""
    without_style = re.sub(
        r"<style>.*?</style>|<script>.*?</script>|<title>.*?</title>", "", response.body, flags=re.DOTALL
    )
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", without_style)).split())
