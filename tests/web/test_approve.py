"""The page of a plan: who may see it, who may decide, once, and that looking changes nothing."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.approvals import Verdict, ruling_on
from shared.journal import ChangeLine, Origin, Request, Trigger, Wish
from shared.memory import Purpose
from shared.policy import Approvals, Policy
from tests.builders import NOON, a_target
from tests.web.world import ADA, DANA, HER_CHANGE, RECORD, Pages, a_report, an_approval, seal_of, text_of


async def waiting(**changes: object) -> tuple[Pages, str]:
    """Pages with a plan that waits, before a person who may decide; the token of the link."""
    pages = Pages(**({"signed_in": ADA} | changes))  # type: ignore[arg-type]
    return pages, await pages.wait_for_a_person()


def contents(pages: Pages) -> str:
    """Everything that the store holds."""
    return repr({name: value for name, value in vars(pages.store).items() if name not in ("calls", "clock", "_tokens")})


async def test_the_page_shows_everything_that_a_decision_needs() -> None:
    pages, token = await waiting()
    shown = await pages.open(token)
    assert shown.status == 200
    for words in (
        "pg-payments: public network access",
        "Nothing was changed yet. You can decide until 2026-03-02 12:00:00 UTC (in 24 hours).",
        "The plan closes the only way into the server: everybody outside is cut off.",
        "Now Enabled Then Disabled",
        "Source of the value the policy's own value",
        "Risk closes the only way into the server",
        "Restart no",
        "Permission it needs Microsoft.DBforPostgreSQL/flexibleServers/write",
        "dana.fields@contoso.example (user) made the change at 2026-03-01 12:00:00 UTC from 198.51.100.23.",
        "Who dana.fields@contoso.example (user)",
        "When 2026-03-01 12:00:00 UTC",
        "From 198.51.100.23",
        "Found Enabled Wanted Disabled",
        "Why it matters the server can be reached from the internet",
        "What decided a person has to approve it: it would close the only way into the server (policy.yaml:12)",
    ):
        assert words in text_of(shown)


async def test_looking_changes_nothing() -> None:
    pages, token = await waiting()
    before = contents(pages)
    for person in (None, ADA, DANA):
        pages.signed_in = person
        await pages.open(token)
        await pages.open("no-token")
    assert contents(pages) == before


async def test_who_is_not_signed_in_may_read_and_is_led_to_the_sign_in_and_back() -> None:
    pages, token = await waiting(signed_in=None)
    shown = await pages.open(token)
    assert shown.status == 200
    assert "Now Enabled Then Disabled" in text_of(shown)
    assert f'href="/.auth/login/aad?post_login_redirect_uri=%2Fapi%2Fapprove%2F{token}"' in shown.body
    assert "<button" not in shown.body


async def test_where_nobody_can_sign_in_the_page_says_how_to_switch_it_on_and_what_to_do_meanwhile() -> None:
    pages, token = await waiting(signs_people_in=False)
    shown = text_of(await pages.open(token))
    assert "App Service authentication" in shown
    assert f"holdfast approvals approve {RECORD}" in shown


async def test_an_approval_is_kept_and_wakes_the_server() -> None:
    pages, token = await waiting()
    answer = await pages.decide(token, reason="agreed with the payments team")
    assert (answer.status, answer.headers["Location"]) == (303, f"/api/approve/{token}")
    ruling = await ruling_on(pages.store, RECORD)
    assert ruling is not None
    assert (ruling.verdict, ruling.by.name, ruling.reason) == (
        Verdict.APPROVE,
        ADA.name,
        "agreed with the payments team",
    )
    assert [trigger.origin for trigger in await pages.triggers()] == [Origin.PERSON]


async def test_after_the_decision_the_page_says_who_decided_and_offers_no_button() -> None:
    pages, token = await waiting()
    await pages.decide(token)
    shown = await pages.open(token)
    assert (shown.status, "<button" in shown.body) == (200, False)
    assert "Approved By you, at 2026-03-01 12:00:00 UTC" in text_of(shown)
    pages.signed_in = DANA
    assert f"Approved By {ADA.name} (user), at 2026-03-01 12:00:00 UTC" in text_of(await pages.open(token))


async def test_the_page_says_what_became_of_it() -> None:
    pages, token = await waiting()
    await pages.decide(token)
    await pages.forget("approved by ada, and carried out")
    shown = await pages.open(token)
    assert "What became of it approved by ada, and carried out" in text_of(shown)
    assert "Before Enabled After Disabled" in text_of(shown)


async def test_a_link_works_once() -> None:
    pages, token = await waiting()
    seal = seal_of(await pages.open(token))
    await pages.decide(token, "deny", "not today", seal)
    again = await pages.decide(token, "approve", "", seal)
    assert again.status == 409
    assert f"already denied by {ADA.name}" in text_of(again)
    assert len(await pages.triggers()) == 1


async def test_a_denial_needs_a_reason() -> None:
    pages, token = await waiting()
    answer = await pages.decide(token, "deny", "  ")
    assert answer.status == 409
    assert "A denial needs a reason" in text_of(answer)
    assert await ruling_on(pages.store, RECORD) is None


async def test_who_made_the_change_cannot_approve_and_reads_why() -> None:
    pages, token = await waiting(signed_in=DANA)
    shown = await pages.open(token)
    assert 'value="approve" class="yes" formnovalidate disabled aria-describedby="no-approve"' in shown.body
    assert "somebody else has to approve what is done about it (four eyes)" in text_of(shown)
    answer = await pages.decide(token)
    assert answer.status == 409
    assert await ruling_on(pages.store, RECORD) is None


async def test_who_made_the_change_cannot_say_that_it_stands() -> None:
    pages, token = await waiting(signed_in=DANA)
    answer = await pages.decide(token, "deny", "the migration needs it")
    assert answer.status == 409
    assert "somebody else has to say that it may stand (four eyes)" in text_of(answer)
    assert await ruling_on(pages.store, RECORD) is None


async def test_only_the_approvers_of_the_policy_decide() -> None:
    group = "99999999-0000-4000-8000-000000000001"
    policy = Policy(approvals=Approvals(approvers=(group.upper(),)))
    pages, token = await waiting(policy=policy)
    assert "is not among the approvers that the policy names" in text_of(await pages.open(token))
    assert (await pages.decide(token)).status == 409
    pages.signed_in = ADA.model_copy(update={"groups": (group,)})
    assert (await pages.decide(token)).status == 303


async def test_nobody_decides_without_being_signed_in() -> None:
    pages, token = await waiting()
    seal = seal_of(await pages.open(token))
    pages.signed_in = None
    answer = await pages.decide(token, seal=seal)
    assert answer.status == 401
    assert await ruling_on(pages.store, RECORD) is None


async def test_headers_that_the_platform_did_not_write_sign_nobody_in() -> None:
    pages, token = await waiting()
    seal = seal_of(await pages.open(token))
    pages.signs_people_in = False
    assert (await pages.decide(token, seal=seal)).status == 401


async def test_a_form_made_for_somebody_else_is_worth_nothing() -> None:
    pages, token = await waiting(signed_in=DANA)
    her_seal = seal_of(await pages.open(token))
    pages.signed_in = ADA
    answer = await pages.decide(token, seal=her_seal)
    assert answer.status == 403
    assert await ruling_on(pages.store, RECORD) is None


async def test_a_form_made_for_another_plan_is_worth_nothing() -> None:
    pages, token = await waiting()
    other = replace(an_approval(), id="another", report=a_report(record="another", approval="another"))
    other_token = await pages.wait_for_a_person(other)
    answer = await pages.decide(token, seal=seal_of(await pages.open(other_token)))
    assert answer.status == 403
    assert await ruling_on(pages.store, RECORD) is None


@pytest.mark.parametrize("seal", ["", "made-up", "e30.c2ln"])
async def test_a_made_up_form_is_worth_nothing(seal: str) -> None:
    pages, token = await waiting()
    assert (await pages.decide(token, seal=seal)).status == 403


async def test_the_token_of_a_link_is_no_seal() -> None:
    pages, token = await waiting()
    assert (await pages.decide(token, seal=token)).status == 403


async def test_a_form_that_lay_open_for_too_long_is_refused() -> None:
    pages, token = await waiting()
    seal = seal_of(await pages.open(token))
    pages.at = NOON + timedelta(hours=9)
    answer = await pages.decide(token, seal=seal)
    assert (answer.status, "open for too long" in text_of(answer)) == (403, True)


@pytest.mark.parametrize(
    "headers",
    [
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"sec_fetch_site": "none"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": ""},
        {"origin": "http://["},
        {"origin": "https:///"},
        {"origin": "http://holdfast.contoso.example"},
        {"origin": "https://holdfast.contoso.example.evil.example"},
        {"origin": "https://holdfast.contoso.example@evil.example"},
    ],
)
async def test_a_form_sent_by_another_site_is_refused(headers: dict[str, str]) -> None:
    pages, token = await waiting()
    answer = await pages.decide(token, **headers)
    assert answer.status == 403
    assert await ruling_on(pages.store, RECORD) is None


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b"{}"),
        ("text/plain", b"seal=x"),
        ("", b"seal=x"),
        ("application/x-www-form-urlencoded", b"a" * 70000),
        ("application/x-www-form-urlencoded", b"\xff"),
        ("application/x-www-form-urlencoded", b"&".join([b"a=b"] * 50)),
    ],
)
async def test_what_is_no_form_of_ours_is_refused(kind: str, body: bytes) -> None:
    pages, token = await waiting()
    answer = await pages.post(f"approve/{token}", body, content_type=kind)
    assert answer.status == 409
    assert await ruling_on(pages.store, RECORD) is None


@pytest.mark.parametrize("verdict", ["", "yes", "APPROVE"])
async def test_a_form_without_a_verdict_decides_nothing(verdict: str) -> None:
    pages, token = await waiting()
    assert (await pages.decide(token, verdict)).status == 409
    assert await ruling_on(pages.store, RECORD) is None


@pytest.mark.parametrize("token", ["", "x", "e30.c2ln", "..%2f..", "é"])
async def test_a_link_that_was_not_made_here_says_what_to_do(token: str) -> None:
    pages, _ = await waiting()
    shown = await pages.open(token)
    assert shown.status == 400
    assert "Copy the whole address from the message." in text_of(shown)
    assert "pg-payments" not in shown.body


async def test_a_form_s_seal_opens_no_page() -> None:
    pages, token = await waiting()
    assert (await pages.open(seal_of(await pages.open(token)))).status == 400


async def test_a_link_ends_with_the_time_to_decide() -> None:
    pages, token = await waiting()
    pages.at = NOON + timedelta(hours=24)
    shown = await pages.open(token)
    assert shown.status == 410
    assert "pg-payments" not in shown.body


async def test_a_plan_whose_time_is_over_cannot_be_approved_any_more() -> None:
    pages = Pages(signed_in=ADA)
    token = await pages.wait_for_a_person(replace(an_approval(), expires_at=NOON + timedelta(hours=1)))
    seal = seal_of(await pages.open(token))
    pages.at = NOON + timedelta(hours=1)
    assert (await pages.open(token)).status == 410
    answer = await pages.decide(token, seal=seal)
    assert (answer.status, "was over at" in text_of(answer)) == (409, True)


async def test_a_link_to_one_plan_never_shows_another() -> None:
    pages = Pages(signed_in=ADA)
    was_shown = a_report(changes=(ChangeLine("firewallRules/app", "a", "b", "policy", "safe"),))
    await pages.wait_for_a_person()
    old = pages.link(was_shown).rpartition("/")[2]
    shown = await pages.open(old)
    assert (shown.status, "This is not the plan any more" in text_of(shown)) == (410, True)
    assert "<form" not in shown.body


async def test_a_form_that_was_made_before_the_plan_changed_decides_nothing() -> None:
    pages, token = await waiting()
    seal = seal_of(await pages.open(token))
    await pages.forget("withdrawn: the server has changed")
    await pages.wait_for_a_person(replace(an_approval(), digest="e" * 64, entries=3))
    answer = await pages.decide(token, seal=seal)
    assert (answer.status, "not the one that was shown" in text_of(answer)) == (409, True)


async def test_a_withdrawn_plan_says_so() -> None:
    pages, token = await waiting()
    await pages.forget("withdrawn: the server or the policy has changed")
    shown = await pages.open(token)
    assert shown.status == 410
    assert "withdrawn: the server or the policy has changed" in text_of(shown)


async def test_a_plan_of_which_nothing_is_left_says_so() -> None:
    pages = Pages(signed_in=ADA)
    shown = await pages.open(pages.link(a_report()).rpartition("/")[2])
    assert shown.status == 410
    assert "Nobody has to decide any more" in text_of(shown)


async def test_a_second_asking_is_called_so() -> None:
    pages = Pages(signed_in=ADA)
    token = await pages.wait_for_a_person(replace(an_approval(), escalated=True))
    assert "Escalated: your decision is wanted" in text_of(await pages.open(token))


async def test_a_store_that_does_not_answer_is_no_secret_and_tells_none() -> None:
    pages, token = await waiting()
    pages.store.down = True
    shown = await pages.open(token)
    assert shown.status == 503
    assert "the store is down" not in shown.body
    assert "look whether it was taken" in text_of(shown)


async def test_a_failover_that_is_asked_for_is_shown_as_what_it_is() -> None:
    asked = Request(Wish.FAILOVER, HER_CHANGE, record="f-1", reason="move west")
    trigger = Trigger("failover-1", a_target().id, "*", "", NOON, Origin.PERSON, HER_CHANGE, request=asked)
    before = {"replicationRole": "AsyncReplica", "source": a_target("pg-old").id}
    after = {"replicationRole": "Primary", "promoteMode": "Switchover", "promoteOption": "Planned"}
    line = ChangeLine("replication", before, after, "a person's wish", "may-cut-clients")
    text = f"{DANA.name} asks for a failover: switchover of pg-old to pg-payments, planned"
    report = a_report(trigger=trigger, findings=(), changes=(line,), outcome=text)
    pages = Pages(signed_in=ADA)
    shown = await pages.open(await pages.wait_for_a_person(an_approval(report, purpose=Purpose.PROMOTE)))
    for words in (
        f"{text}.",
        "replication Now AsyncReplica of …/pg-old Then Primary (Switchover, Planned)",
        "Restart yes",
        "Reason move west",
    ):
        assert words in text_of(shown)
