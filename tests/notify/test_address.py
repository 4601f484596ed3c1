"""To whom a personal route writes: laws, because an event may claim any name."""

import logging
from collections.abc import Iterator
from typing import Any

import apprise
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from shared.journal import Actor, Origin, Report, Request, Wish
from shared.notify.address import address_for, addressed, allowed
from shared.policy import Route
from tests.examples import examples
from tests.notify.builders import DANA, IVO, a_report, a_trigger

DOMAINS = ("contoso.example", "Fabrikam.example")
ACTOR = Route(name="actor", url_setting="URL", to_actor=True, domains=DOMAINS)
OWNER = Route(name="owner", url_setting="URL", to_owner=True, domains=DOMAINS)
MAIL = "mailtos://user:pass@smtp.example/?from=holdfast@contoso.example&to={address}"

LETTERS = st.text(st.characters(codec="utf-8") | st.sampled_from("@.,;:<>\"'()[]%+-_ \r\n\t&?#/=@"), max_size=20)
NEARLY = st.builds(
    "{}{}@{}{}".format,
    LETTERS,
    st.sampled_from(["dana.fields", "a", "a+b", "x_y-z"]),
    st.sampled_from(["contoso.example", "CONTOSO.example", "evil.example", "contoso.example.evil.example"]),
    st.sampled_from(["", "", ".", ",b@evil.example", "?bcc=b@evil.example", "&to=b@evil.example", "\n", "%0A", " "]),
)
NAMES = st.one_of(LETTERS, NEARLY, st.emails(), st.emails(domains=st.just("contoso.example")))


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Apprise complains about addresses it cannot read."""
    logging.getLogger("apprise").setLevel(logging.CRITICAL)
    yield
    logging.getLogger("apprise").setLevel(logging.NOTSET)


def about(name: str, **changes: object) -> Report:
    return a_report(trigger=a_trigger(actor=Actor(name, kind="user"), **changes))


@settings(max_examples=examples(300), deadline=None)
@given(NAMES)
@example("o'brien@contoso.example")
@example("dana@contoso.example,b@evil.example")
@example("dana@contoso.example\nBcc: b@evil.example")
@example("dana@contoso.example&to=b@evil.example")
@example("\u017fam@contoso.example")
@example("dana_contoso.example#EXT#@evil.example")
def test_whatever_an_event_claims_exactly_one_colleague_is_written_to_or_nobody(name: str) -> None:
    address = address_for(ACTOR, about(name))
    if not address:
        return
    receiver = apprise.Apprise()
    assert receiver.add(addressed(MAIL, address))
    mail: Any = receiver[0]
    assert mail.targets == [(False, name)]
    assert (mail.cc, mail.bcc, mail.from_addr) == (set(), set(), (False, "holdfast@contoso.example"))
    assert name.rpartition("@")[2].lower() in ("contoso.example", "fabrikam.example")


@settings(deadline=None)
@given(NAMES, st.sampled_from([MAIL, "json://host/hook/{address}?to={address}", "slack://xoxb-1-2-a3/{address}"]))
def test_an_address_changes_nothing_else_of_the_url(name: str, url: str) -> None:
    address = allowed(name, DOMAINS)
    if address:
        parts = addressed(url, address).split(address.replace("@", "%40"))
        assert parts == url.split("{address}")


@pytest.mark.parametrize(
    "name",
    [
        "dana.fields@contoso.example",
        "Dana.Fields@CONTOSO.example",
        "dana@fabrikam.example",
        "d_f-2@contoso.example",
        f"{'a' * 64}@contoso.example",
    ],
)
def test_a_plain_address_in_an_allowed_domain_is_written_to(name: str) -> None:
    assert address_for(ACTOR, about(name)) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "dana",
        "dana@evil.example",
        "dana@sub.contoso.example",
        "dana@contoso.example.evil.example",
        "dana@contoso.example@evil.example",
        "Dana <dana@contoso.example>",
        '"dana"@contoso.example',
        "-oProxy@contoso.example",
        ".dana@contoso.example",
        "dana@contoso.example ",
        "dana%40x@contoso.example",
        "a+b+c@contoso.example",
        "dana\u0430@contoso.example",
        f"{'a' * 65}@contoso.example",
        f"{'a.' * 10_000}a@contoso.example",
    ],
)
def test_anything_else_is_not(name: str) -> None:
    assert address_for(ACTOR, about(name)) == ""


def test_an_application_is_not_written_to_and_so_holdfast_itself_never() -> None:
    application = Actor("holdfast@contoso.example", "o", "a", "application")
    unknown = Actor("holdfast@contoso.example", "o", "a")
    for actor in (application, unknown, None):
        assert address_for(ACTOR, a_report(trigger=a_trigger(actor=actor))) == ""


@pytest.mark.parametrize("origin", [Origin.SWEEP, Origin.PERSON, Origin.APPOINTMENT])
def test_only_the_actor_of_an_event_is_written_to(origin: Origin) -> None:
    request = Request(Wish.UNDO, IVO) if origin is Origin.PERSON else None
    assert address_for(ACTOR, a_report(trigger=a_trigger(origin=origin, actor=DANA, request=request))) == ""


def test_without_a_trigger_there_is_nobody_to_write_to() -> None:
    assert address_for(ACTOR, a_report(trigger=None)) == ""


def test_an_owner_is_written_to_under_the_same_rules() -> None:
    assert address_for(OWNER, a_report(owner="dba@contoso.example")) == "dba@contoso.example"
    assert address_for(OWNER, a_report(owner="the DBA team")) == ""
    assert address_for(OWNER, a_report(owner="dba@evil.example")) == ""
