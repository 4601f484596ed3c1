"""The page of a record, and taking back what it changed."""

from dataclasses import replace

import pytest

from shared.journal import ChangeLine, Entry, NoticeKind, Origin, Report, Stage, Wish
from shared.memory import Memory
from shared.policy import Policy
from shared.ports import Commit
from shared.state import FacetKind, Setting
from tests.builders import NOON, a_target
from tests.web.test_approve import contents
from tests.web.world import ADA, DANA, RECORD, Pages, a_report, seal_of, text_of

OPERATORS = Policy(operators=(ADA.object_id,))
PATH = f"records/{RECORD}"
FIXED = a_report(approval="", outcome="put back and proven by reading again")


async def recorded(*stages: Stage, report: Report = FIXED, **changes: object) -> Pages:
    """Pages over a store that holds the record, before an operator."""
    pages = Pages(**({"signed_in": ADA, "policy": OPERATORS} | changes))  # type: ignore[arg-type]
    told = {Stage.NOTIFIED: f"{NoticeKind.REMEDIATED} told to on-call"}
    entries = tuple(
        Entry(RECORD, number, stage, NOON, report, told.get(stage, "")) for number, stage in enumerate(stages)
    )
    await pages.store.commit(a_target(), "", Commit(Memory(), entries))
    return pages


async def fixed(**changes: object) -> Pages:
    """A record of a fix that was proven and told."""
    return await recorded(Stage.INTENDED, Stage.PROVEN, Stage.NOTIFIED, **changes)  # type: ignore[arg-type]


async def undone(pages: Pages, reason: str = "the partner needs it", hours: str = "4", **headers: str) -> int:
    """Press the button; the status of the answer."""
    seal = seal_of(await pages.get(PATH))
    return (await pages.post(f"{PATH}/undo", {"seal": seal, "reason": reason, "hours": hours}, **headers)).status


async def test_the_page_shows_the_whole_chain() -> None:
    shown = await (await fixed()).get(PATH)
    assert shown.status == 200
    for words in (
        "pg-payments: public network access",
        "Who dana.fields@contoso.example (user)",
        "Found Enabled Wanted Disabled",
        "What decided a person has to approve it",
        "Before Enabled After Disabled",
        "Begun: written down before anything was sent",
        "Proven by reading again 2026-03-01 12:00:00 UTC put back and proven by reading again",
        "Holdfast.Remediated told to on-call",
    ):
        assert words in text_of(shown)


async def test_what_stands_outside_the_server_is_called_by_its_own_name() -> None:
    vault = f"{a_target().id.rpartition('/providers/')[0]}/providers/Microsoft.KeyVault/vaults/kv"
    setting = str(Setting.outside(FacetKind.VAULTS, vault, "networkAcls.bypass"))
    change = ChangeLine(setting, "None", "AzureServices", "policy", "safe")
    finding = replace(FIXED.findings[0], setting=setting, found="None", wanted="AzureServices")
    shown = text_of(await (await fixed(report=replace(FIXED, findings=(finding,), changes=(change,)))).get(PATH))
    assert "pg-payments: key vault kv: networkAcls.bypass" in shown
    assert "key vault kv: networkAcls.bypass Found None Wanted AzureServices" in shown
    assert "Permission it needs Microsoft.KeyVault/vaults/write" in shown
    assert "neighbours/" not in shown


async def test_looking_changes_nothing() -> None:
    pages = await fixed()
    before = contents(pages)
    await pages.get(PATH)
    assert contents(pages) == before


async def test_a_record_is_shown_to_people_who_are_signed_in() -> None:
    pages = await fixed(signed_in=None)
    shown = await pages.get(PATH)
    assert (shown.status, "pg-payments" in shown.body) == (401, False)
    assert f"post_login_redirect_uri=%2Fapi%2Frecords%2F{RECORD}" in shown.body


@pytest.mark.parametrize("name", ["nothing", RECORD.replace("1", "2"), "' or 1=1", "..", RECORD.upper()])
async def test_what_is_no_record_is_not_found(name: str) -> None:
    assert (await (await fixed()).get(f"records/{name}")).status == 404


async def test_an_undo_is_a_wish_that_the_pass_over_the_server_fulfils() -> None:
    pages = await fixed()
    assert await undone(pages) == 202
    (trigger,) = await pages.triggers()
    assert trigger.origin is Origin.PERSON
    assert trigger.request is not None
    request = trigger.request
    assert (request.wish, request.record, request.by.name) == (Wish.UNDO, RECORD, ADA.name)
    assert (request.reason, request.exempt_hours) == ("the partner needs it", 4)


async def test_a_form_that_is_sent_twice_is_one_wish() -> None:
    pages = await fixed()
    seal = seal_of(await pages.get(PATH))
    for _ in range(2):
        await pages.post(f"{PATH}/undo", {"seal": seal, "reason": "again", "hours": "0"})
    assert len(await pages.triggers()) == 1


async def test_the_page_shows_what_an_undo_puts_back() -> None:
    shown = text_of(await (await fixed()).get(PATH))
    assert "Now, as this record left it Disabled Then, as it was before Enabled" in shown


@pytest.mark.parametrize(
    ("policy", "said"),
    [(Policy(), "names no operators"), (OPERATORS, f"{DANA.name} is not among the operators")],
)
async def test_who_is_no_operator_reads_why_and_gets_the_command(policy: Policy, said: str) -> None:
    pages = await fixed(policy=policy, signed_in=DANA)
    shown = await pages.get(PATH)
    assert said in text_of(shown)
    assert f"holdfast undo {RECORD} --reason TEXT" in text_of(shown)
    assert "<form" not in shown.body


async def test_who_is_no_operator_cannot_undo() -> None:
    pages = await fixed(policy=Policy())
    from_before = seal_of(await (await fixed()).get(PATH))
    answer = await pages.post(f"{PATH}/undo", {"seal": from_before, "reason": "r", "hours": "0"})
    assert (answer.status, await pages.triggers()) == (409, ())


async def test_nobody_undoes_without_being_signed_in() -> None:
    pages = await fixed()
    seal = seal_of(await pages.get(PATH))
    pages.signed_in = None
    answer = await pages.post(f"{PATH}/undo", {"seal": seal, "reason": "r", "hours": "0"})
    assert (answer.status, await pages.triggers()) == (401, ())


@pytest.mark.parametrize("headers", [{"origin": "https://evil.example"}, {"sec_fetch_site": "cross-site"}])
async def test_a_form_sent_by_another_site_undoes_nothing(headers: dict[str, str]) -> None:
    pages = await fixed()
    assert await undone(pages, **headers) == 403
    assert await pages.triggers() == ()


@pytest.mark.parametrize("seal", ["", "made-up"])
async def test_a_made_up_form_undoes_nothing(seal: str) -> None:
    pages = await fixed()
    answer = await pages.post(f"{PATH}/undo", {"seal": seal, "reason": "r", "hours": "0"})
    assert (answer.status, await pages.triggers()) == (403, ())


async def test_an_undo_needs_a_reason() -> None:
    pages = await fixed()
    assert await undone(pages, reason=" ") == 409
    assert await pages.triggers() == ()


@pytest.mark.parametrize("hours", ["-1", "2161", "nan", "inf", "many", "1e999"])
async def test_hours_are_a_number_that_the_policy_allows(hours: str) -> None:
    pages = await fixed()
    assert await undone(pages, hours=hours) == 409
    assert await pages.triggers() == ()


async def test_without_hours_nothing_is_exempted() -> None:
    pages = await fixed()
    await undone(pages, hours="")
    (trigger,) = await pages.triggers()
    assert trigger.request is not None
    assert trigger.request.exempt_hours == 0


@pytest.mark.parametrize("stages", [(Stage.DETECTED,), (Stage.ASKED, Stage.DECIDED), (Stage.FAILED,)])
async def test_a_record_that_changed_nothing_has_nothing_to_undo(stages: tuple[Stage, ...]) -> None:
    pages = await recorded(*stages)
    assert "Take it back" not in text_of(await pages.get(PATH))
    assert await undone(pages) in (403, 409)
    assert await pages.triggers() == ()


async def test_a_record_about_the_fleet_is_shown_too() -> None:
    report = replace(FIXED, target="/fleet", findings=(), changes=(), outcome="ada holds everything: a migration")
    pages = await recorded(Stage.ORDERED, report=report)
    assert "ada holds everything: a migration" in text_of(await pages.get(PATH))


async def test_a_record_of_the_sweep_names_nobody() -> None:
    report = replace(FIXED, trigger=None)
    assert "not known: the regular sweep found it" in text_of(await (await fixed(report=report)).get(PATH))


async def test_what_a_person_does_by_hand_stands_with_the_finding() -> None:
    report = a_report(approval="", changes=(), findings=(replace(FIXED.findings[0], person="ask the network team"),))
    shown = await (await recorded(Stage.DETECTED, report=report)).get(PATH)
    assert "What to do by hand ask the network team" in text_of(shown)
    assert "What to do by hand" not in text_of(await (await fixed()).get(PATH))
