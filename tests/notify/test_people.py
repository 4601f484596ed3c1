import logging
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from shared.errors import DeliveryFailed
from shared.journal import NoticeKind
from shared.notify.message import compose
from shared.notify.people import People
from shared.policy import Route
from tests.notify.builders import a_notice, a_report
from tests.notify.examples import Pages, an_example
from tests.notify.receivers import Receiver, listening


@pytest.fixture
async def webhook() -> AsyncIterator[Receiver]:
    async with listening(Receiver()) as receiver:
        yield receiver


class Kept(logging.Handler):
    """What reaches the root logger; pytest's own capture also hears loggers that tell nobody."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        # The receiver's own log is not ours.
        self.addFilter(lambda record: record.name != "aiohttp.access")

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


@pytest.fixture
def log() -> Iterator[list[str]]:
    kept, root = Kept(), logging.getLogger()
    level = root.level
    root.addHandler(kept)
    root.setLevel(logging.DEBUG)
    yield kept.lines
    root.removeHandler(kept)
    root.setLevel(level)


def a_route(**changes: Any) -> Route:
    return Route.model_validate({"name": "dba-team", "url_setting": "DBA_URL", **changes})


def people(url: str, timeout_seconds: float = 20.0, **changes: Any) -> People:
    return People(a_route(**changes), {"DBA_URL": url}, Pages(), timeout_seconds)


def to(webhook: Receiver, options: str = "") -> str:
    return f"json://user:T0KEN@127.0.0.1:{webhook.port}/S3CRET/{options}"


async def test_a_message_arrives_as_markdown(webhook: Receiver) -> None:
    await people(to(webhook)).send(a_notice())
    (got,) = webhook.received
    message = compose(a_notice(), Pages())
    assert (got["title"], got["message"], got["type"]) == (message.title, message.markdown.strip(), "success")


async def test_a_receiver_of_plain_text_gets_plain_text(webhook: Receiver) -> None:
    await people(to(webhook, "?format=text")).send(a_notice(kind=NoticeKind.REMEDIATION_FAILED))
    (got,) = webhook.received
    message = compose(a_notice(kind=NoticeKind.REMEDIATION_FAILED), Pages())
    assert (got["title"], got["message"], got["type"]) == (message.title, message.text, "failure")


async def test_whoever_is_asked_gets_the_page_to_decide_on(webhook: Receiver) -> None:
    await people(to(webhook)).send(an_example(NoticeKind.APPROVAL_NEEDED))
    link = "[Approve or deny](https://holdfast.example/decide/%28a%29?token="
    assert link in webhook.received[0]["message"]


async def test_links_stand_in_no_log_and_no_error(webhook: Receiver, log: list[str]) -> None:
    await people(to(webhook)).send(an_example(NoticeKind.APPROVAL_NEEDED))
    webhook.status = 500
    with pytest.raises(DeliveryFailed) as caught:
        await people(to(webhook)).send(an_example(NoticeKind.APPROVAL_NEEDED))
    assert "holdfast.example" not in f"{log} {caught.value}"


async def test_text_from_outside_is_no_template(webhook: Receiver) -> None:
    await people(to(webhook)).send(a_notice(report=a_report(outcome="{{app_id}} :smile: \\n")))
    assert "{{app_id}} :smile: \\\\n" in webhook.received[0]["message"]


async def test_a_refusal_is_told_with_its_status(webhook: Receiver) -> None:
    webhook.status = 500
    with pytest.raises(DeliveryFailed, match=r"^the receiver answered HTTP 500$"):
        await people(to(webhook)).send(a_notice())
    assert webhook.asked == 1


async def test_a_receiver_that_is_down_is_told() -> None:
    with pytest.raises(DeliveryFailed, match=r"^the receiver could not be reached, or refused the message$"):
        await people("json://user:T0KEN@127.0.0.1:9/S3CRET").send(a_notice())


async def test_a_slow_receiver_is_not_waited_for_without_end(webhook: Receiver) -> None:
    webhook.delay_seconds = 0.6
    with pytest.raises(DeliveryFailed, match=r"^no answer within 0\.1 s$"):
        await people(to(webhook), timeout_seconds=0.1).send(a_notice())


@pytest.mark.parametrize("url", ["", "  "])
async def test_a_missing_setting_is_named(url: str) -> None:
    with pytest.raises(DeliveryFailed, match="the application setting DBA_URL is missing or empty"):
        await people(url).send(a_notice())


@pytest.mark.parametrize("url", ["nope://T0KEN@S3CRET", "T0KEN", "slack://T0KEN", "json://T0KEN, json://S3CRET"])
async def test_a_url_that_apprise_does_not_know_is_not_repeated(url: str, log: list[str]) -> None:
    with pytest.raises(DeliveryFailed) as caught:
        await people(url).send(a_notice())
    assert str(caught.value) == "the application setting DBA_URL does not hold one URL that Apprise understands"
    assert not any(word in str(log) for word in ("T0KEN", "S3CRET"))


async def test_no_secret_is_logged_or_chained(webhook: Receiver, log: list[str]) -> None:
    await people(to(webhook)).send(a_notice())
    webhook.status = 500
    with pytest.raises(DeliveryFailed) as caught:
        await people(to(webhook)).send(a_notice())
    assert caught.value.__cause__ is None
    assert not any(word in f"{log} {caught.value}" for word in ("T0KEN", "S3CRET"))


def test_a_route_takes_what_its_filters_let_pass() -> None:
    assert people("", kinds=["Remediated"]).wants(a_notice())
    assert not people("", kinds=["Remediated"]).wants(a_notice(kind=NoticeKind.DRIFT_DETECTED))


async def test_the_actor_is_written_to_without_being_asked_to_decide(webhook: Receiver) -> None:
    url = f"json://127.0.0.1:{webhook.port}/to/{{address}}?x-for={{address}}"
    actor = people(url, to_actor=True, domains=["contoso.example"])
    await actor.send(an_example(NoticeKind.APPROVAL_NEEDED))
    assert webhook.paths == ["/to/dana.fields@contoso.example"]
    assert "holdfast.example" not in webhook.received[0]["message"]


async def test_a_personal_route_needs_a_url_with_a_place_for_the_address() -> None:
    with pytest.raises(DeliveryFailed, match=r"DBA_URL does not say where the .address. goes"):
        await people("json://127.0.0.1/", to_actor=True, domains=["contoso.example"]).send(a_notice())


async def test_no_address_is_logged(webhook: Receiver, log: list[str]) -> None:
    url = f"json://127.0.0.1:{webhook.port}/to/{{address}}"
    webhook.status = 500
    with pytest.raises(DeliveryFailed) as caught:
        await people(url, to_actor=True, domains=["contoso.example"]).send(a_notice())
    assert "dana" not in f"{log} {caught.value}"


def test_people_do_not_hear_what_is_quiet() -> None:
    assert not people("").wants(a_notice(quiet=True))


def test_apprise_is_not_imported_until_a_message_is_sent() -> None:
    code = (
        "import sys; import shared.notify.build, shared.policy; from shared.notify.people import People; "
        "route = shared.policy.Route(name='a', url_setting='A'); People(route, {}).name; "
        "sys.exit('apprise' in sys.modules or 'azure.eventgrid' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
