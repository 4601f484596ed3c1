"""The pages: any path, header, form or sign-in is answered with a page of ours, and changes nothing without a seal."""

import asyncio
import base64
import json
from urllib.parse import urlencode

from hypothesis import strategies as st

from shared.policy import Policy
from tests.fuzz.amount import law
from tests.fuzz.hostile import TEXTS, mutated, text
from tests.fuzz.log import nobody_forges_a_line
from tests.web.test_hostile_text import must_be_harmless
from tests.web.world import ADA, RECORD, Pages

PATHS = st.sampled_from(["approve", "records", "holds", "undo"])
FORMS = st.dictionaries(
    st.sampled_from(["seal", "verdict", "reason", "scope", "action", "hours", "id"]) | text, text, max_size=6
)
BODIES = FORMS.map(lambda form: urlencode(form, errors="surrogatepass").encode()) | st.binary(max_size=80)
NAMES = st.sampled_from(
    ["origin", "sec_fetch_site", "content_type", "x_ms_client_principal", "cookie", "x_forwarded_host"]
)
HEADERS = st.dictionaries(NAMES, text, max_size=3)
PRINCIPAL = json.loads(base64.b64decode(ADA.headers()["X-MS-CLIENT-PRINCIPAL"]))
OURS = frozenset({200, 202, 400, 401, 403, 404, 405, 409, 413, 503})


def path_of(page: str, name: str) -> str:
    return page if page == "holds" else f"records/{name}/undo" if page == "undo" else f"{page}/{name}"


@law("pages, GET", 8, PATHS, text | st.just(RECORD), HEADERS, st.booleans())
def test_any_address_is_answered_with_a_page(page: str, name: str, headers: dict[str, str], known: bool) -> None:
    async def run() -> None:
        pages = Pages(signed_in=ADA if known else None)
        await pages.wait_for_a_person()
        given_ = {header.replace("_", "-"): value for header, value in headers.items()}
        shown = await pages.ask("GET", path_of(page, name), given_, b"")
        assert shown.status in OURS
        must_be_harmless(shown)
        assert await pages.triggers() == ()

    with nobody_forges_a_line():
        asyncio.run(run())


@law("pages, POST", 8, PATHS, text | st.just(RECORD), HEADERS, BODIES)
def test_a_form_without_our_seal_changes_nothing(page: str, name: str, headers: dict[str, str], body: bytes) -> None:
    async def run() -> None:
        pages = Pages(signed_in=ADA, policy=Policy(operators=(ADA.object_id,)))
        token = await pages.wait_for_a_person()
        before = await pages.store.documents("approvals/")
        for one in {name, token} if page == "approve" else {name}:
            shown = await pages.post(path_of(page, one), body, **headers)
            assert shown.status in OURS - {202}
            must_be_harmless(shown)
        assert await pages.triggers() == ()
        assert await pages.store.documents("approvals/") == before

    with nobody_forges_a_line():
        asyncio.run(run())


@law("sign-in headers", 3, mutated(PRINCIPAL) | st.sampled_from(TEXTS))
def test_any_sign_in_is_somebody_or_nobody(principal: object) -> None:
    async def run() -> None:
        written = json.dumps(principal).encode()
        for header in (base64.b64encode(written).decode(), written.decode()):
            pages = Pages(policy=Policy(operators=(ADA.object_id,)))
            for path in ("holds", f"records/{RECORD}"):
                must_be_harmless(await pages.ask("GET", path, {"x-ms-client-principal": header}, b""))

    with nobody_forges_a_line():
        asyncio.run(run())
