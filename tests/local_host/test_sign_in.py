"""Signing in as App Service authentication shows it to an app: nobody can say who they are, only the host can."""

import base64
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.local_host.running import Answer, Host, running_host, write_app

pytestmark = pytest.mark.e2e

ADA = {
    "name": "ada.admin@contoso.example",
    "object_id": "a" * 8,
    "display_name": "Ada <Admin>",
    "groups": ["g1"],
    "roles": ["Approver"],
}
FORGED = {"X-MS-CLIENT-PRINCIPAL": "Zm9yZ2Vk", "x-ms-client-principal-id": "me", "X-Ms-Token-Aad-Id-Token": "t"}


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    folder = tmp_path_factory.mktemp("sign-in")
    write_app(folder)
    (folder / "people.json").write_text(json.dumps({"ada": ADA, "bo": {"name": "bo", "object_id": "b"}}))
    with running_host(folder, "--sign-in", str(folder / "people.json")) as host:
        yield host


def cookie_of(answer: Answer) -> dict[str, str]:
    return {"Cookie": answer.headers["Set-Cookie"].partition(";")[0]}


def sign_in(host: Host, key: str = "ada") -> dict[str, str]:
    return cookie_of(host.ask("GET", f"/.auth/login/aad?as={key}"))


def who(host: Host, **headers: str) -> dict[str, Any]:
    seen: dict[str, Any] = json.loads(host.ask("GET", "/api/who", headers=headers).text)
    return seen


def test_the_app_sees_who_is_signed_in(host: Host) -> None:
    said = who(host, **sign_in(host))["said"]
    principal = json.loads(base64.b64decode(said.pop("x-ms-client-principal")))
    assert said == {
        "x-ms-client-principal-id": "aaaaaaaa",
        "x-ms-client-principal-name": "ada.admin@contoso.example",
        "x-ms-client-principal-idp": "aad",
    }
    assert (principal["auth_typ"], principal["name_typ"], principal["role_typ"]) == ("aad", "name", "roles")
    assert [claim["val"] for claim in principal["claims"]] == [
        "aaaaaaaa",
        "ada.admin@contoso.example",
        "Ada <Admin>",
        "g1",
        "Approver",
    ]


def test_nobody_can_say_who_they_are(host: Host) -> None:
    assert who(host, **FORGED)["said"] == {}
    assert who(host, **FORGED, **sign_in(host, "bo"))["said"]["x-ms-client-principal-id"] == "b"


@pytest.mark.parametrize("cookie", ["AppServiceAuthSession=ada", "AppServiceAuthSession=", "other=ada"])
def test_a_cookie_that_the_host_did_not_give_signs_nobody_in(host: Host, cookie: str) -> None:
    assert who(host, Cookie=cookie)["said"] == {}


def test_the_app_knows_that_the_host_signs_people_in_and_where_it_is(host: Host) -> None:
    seen = who(host)
    assert seen["WEBSITE_AUTH_ENABLED"] == "True"
    assert f"http://{seen['WEBSITE_HOSTNAME']}" == host.address["http"]


def test_who_signs_out_is_nobody_again(host: Host) -> None:
    signed_in = sign_in(host)
    answer = host.ask("GET", "/.auth/logout?post_logout_redirect_uri=/api/open", headers=signed_in)
    assert (answer.status, answer.headers["Location"]) == (302, "/api/open")
    assert who(host, **signed_in)["said"] == {}


def test_the_sign_in_page_offers_everybody_and_comes_back(host: Host) -> None:
    page = host.ask("GET", "/.auth/login/aad?post_login_redirect_uri=%2Fapi%2Fapprove%2Fa.b").text
    assert 'href="/.auth/login/aad?as=ada&amp;post_login_redirect_uri=%2Fapi%2Fapprove%2Fa.b"' in page
    assert "Ada &lt;Admin&gt;" in page
    answer = host.ask("GET", "/.auth/login/aad?as=bo&post_login_redirect_uri=%2Fapi%2Fapprove%2Fa.b")
    assert (answer.status, answer.headers["Location"]) == (302, "/api/approve/a.b")


@pytest.mark.parametrize(
    "where", ["https://evil.example/", "//evil.example", "/\\evil.example", "/\t/evil.example", ""]
)
def test_it_sends_nobody_to_another_place(host: Host, where: str) -> None:
    answer = host.ask("GET", f"/.auth/login/aad?as=ada&post_login_redirect_uri={quote(where, safe='')}")
    assert answer.headers["Location"] == "/"


def test_somebody_who_is_not_in_the_file_cannot_sign_in(host: Host) -> None:
    answer = host.ask("GET", "/.auth/login/aad?as=eve")
    assert (answer.status, answer.headers["Set-Cookie"]) == (404, None)
    assert "there are: ada, bo" in answer.text


def test_the_platform_s_own_page_says_who_is_signed_in(host: Host) -> None:
    assert host.ask("GET", "/.auth/me").status == 401
    (me,) = json.loads(host.ask("GET", "/.auth/me", headers=sign_in(host)).text)
    assert (me["provider_name"], me["user_id"]) == ("aad", "ada.admin@contoso.example")


def test_a_host_without_sign_in_does_not_pretend_to_have_one(tmp_path: Path) -> None:
    """What clients write comes through, as with Core Tools; the variable that makes apps believe it is gone."""
    write_app(tmp_path)
    with running_host(tmp_path, settings={"WEBSITE_AUTH_ENABLED": "True"}) as host:
        seen = who(host, **FORGED)
        assert seen["WEBSITE_AUTH_ENABLED"] == ""
        assert seen["said"]["x-ms-client-principal"] == "Zm9yZ2Vk"
        assert host.ask("GET", "/.auth/login/aad?as=ada").status == 404


@pytest.mark.parametrize(
    "people", ["", "[]", '{"ada": {"name": "Ada"}}', '{"ada": {"name": 1, "object_id": "a"}}', None]
)
def test_a_file_of_people_that_cannot_be_used_is_refused_with_the_reason(tmp_path: Path, people: str | None) -> None:
    app = write_app(tmp_path)
    if people is not None:
        (tmp_path / "people.json").write_text(people)
    options = ["--app", str(app), "--sqlite", str(tmp_path / "q.db"), "--sign-in", str(tmp_path / "people.json")]
    command = [sys.executable, "-m", "local_host", *options]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "people.json" in ended.stderr
    assert "Traceback" not in ended.stderr
