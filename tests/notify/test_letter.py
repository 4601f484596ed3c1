"""The whole way through Apprise: which form arrives where."""

import ssl
from typing import Any

import apprise
import pytest
import trustme
from aiohttp import web

from shared.notify.blocks import block_message
from shared.notify.card import card_message
from shared.notify.letter import letter_for
from shared.notify.line import Link
from shared.notify.mail import mail_html
from shared.notify.message import compose
from shared.notify.people import People
from shared.policy import Route
from tests.notify.builders import a_finding, a_notice, a_report
from tests.notify.mailbox import taking_mail
from tests.notify.receivers import Receiver, listening

# Longer than Apprise lets a message to Teams be: it would become several.
LONG = a_notice(report=a_report(findings=(a_finding(why="w" * 590, reason="r" * 590),) * 2))
MESSAGE = compose(LONG)


def people(url: str) -> People:
    return People(Route(name="team", url_setting="URL"), {"URL": url})


async def test_teams_gets_one_card() -> None:
    receiver, authority = Receiver(), trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", receiver.answer)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
        with authority.cert_pem.tempfile() as trusted, pytest.MonkeyPatch.context() as environment:
            environment.setenv("REQUESTS_CA_BUNDLE", trusted)
            await people(f"workflows://127.0.0.1:{runner.addresses[0][1]}/{'A' * 32}/SIGNATURE/").send(LONG)
    finally:
        await runner.cleanup()
    assert receiver.received == [card_message(MESSAGE)]


async def test_slack_gets_blocks_with_the_line_that_a_phone_shows() -> None:
    async with listening(Receiver()) as receiver:
        slack = of_slack("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7/")
        slack[0].webhook_url = f"http://127.0.0.1:{receiver.port}"
        letter = letter_for(slack[0], MESSAGE)
        await slack.async_notify(title=letter.title, body=letter.body, body_format=letter.form)
    (got,) = receiver.received
    assert {name: got[name] for name in ("text", "blocks")} == block_message(MESSAGE)
    assert "attachments" not in got


def test_a_workflow_of_slacks_gets_text() -> None:
    workflow = of_slack("slack://T1JJ3T3L2/A1BRTD4JD/123456789/abcdefghijklmnop/?mode=workflow")
    assert letter_for(workflow[0], MESSAGE).body == MESSAGE.markdown


@pytest.mark.parametrize("url", ["workflows://h/AAAA/SIG/", "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7/"])
def test_who_asks_for_text_gets_text(url: str) -> None:
    assert letter_for(of_slack(f"{url}?format=text")[0], MESSAGE).body == MESSAGE.text


async def test_a_mail_has_the_page_and_the_same_lines_as_text() -> None:
    async with taking_mail() as mailbox:
        url = f"mailto://127.0.0.1:{mailbox.port}/?from=holdfast@contoso.example&to=dba@contoso.example&mode=insecure"
        await people(url).send(LONG)
    (mail,) = mailbox.mails
    parts = {part.get_content_type(): part.get_content() for part in mail.walk() if not part.is_multipart()}
    assert mail["Subject"] == MESSAGE.title
    assert parts["text/html"].strip().replace("\r\n", "\n") == mail_html(MESSAGE)
    plain = [line for line in parts["text/plain"].splitlines() if line.strip()]
    said = [line.plain().strip() for line in MESSAGE.lines if not isinstance(line, Link)]
    assert [line for line in said if line not in plain] == []
    assert [line.address for line in MESSAGE.lines if isinstance(line, Link) and line.address not in plain] == []


def of_slack(url: str) -> Any:
    found = apprise.Apprise(asset=apprise.AppriseAsset(storage_mode="memory"))
    assert found.add(url)
    return found
