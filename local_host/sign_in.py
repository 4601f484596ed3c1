"""App Service authentication as far as an app can see it: sign-in and sign-out pages, and headers that say who it is.

As on the platform, what a client writes into those headers is taken out, whoever it is; requests of nobody are let in,
and the app decides. Nothing is proven here: whoever can reach the page picks who to be. (learn.microsoft.com, "Work
with user identities in Azure App Service authentication", "Customize sign-ins and sign-outs".)
"""

import base64
import json
import re
import secrets
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from urllib.parse import quote

from aiohttp import web
from multidict import CIMultiDict
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from local_host.errors import BadPeople

COOKIE = "AppServiceAuthSession"
_SET_BY_THE_PLATFORM = ("x-ms-client-principal", "x-ms-token-")
_OBJECT_ID = "http://schemas.microsoft.com/identity/claims/objectidentifier"
# Browsers read a backslash as a slash, and leave out tabs and line ends.
_PATH = re.compile(r"/(?:[^/\\\s][^\\\s]*)?")
type Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Somebody(BaseModel):
    """A person who can sign in; `groups` are object ids, `roles` are app roles."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    object_id: str
    display_name: str = ""
    groups: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()

    def claims(self) -> Iterator[dict[str, str]]:
        """The claims of an Entra sign-in, as App Service names them."""
        yield {"typ": _OBJECT_ID, "val": self.object_id}
        yield {"typ": "preferred_username", "val": self.name}
        yield {"typ": "name", "val": self.display_name or self.name}
        yield from ({"typ": "groups", "val": group} for group in self.groups)
        yield from ({"typ": "roles", "val": role} for role in self.roles)

    def headers(self) -> dict[str, str]:
        """What the app gets to see."""
        principal = {"auth_typ": "aad", "claims": list(self.claims()), "name_typ": "name", "role_typ": "roles"}
        return {
            "X-MS-CLIENT-PRINCIPAL": base64.b64encode(json.dumps(principal).encode()).decode(),
            "X-MS-CLIENT-PRINCIPAL-ID": self.object_id,
            "X-MS-CLIENT-PRINCIPAL-NAME": self.name,
            "X-MS-CLIENT-PRINCIPAL-IDP": "aad",
        }


type People = Mapping[str, Somebody]


def people_of(path: Path) -> People:
    """The people of a JSON file: an object with a member for each. Raises BadPeople."""
    try:
        return TypeAdapter(dict[str, Somebody]).validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise BadPeople(f"{path}: {error}") from error


@dataclass(frozen=True, slots=True)
class SignIn:
    """The sign-in of one host. `sessions` maps the value of a cookie to the key of a person."""

    people: People
    sessions: dict[str, str] = field(default_factory=dict, repr=False)

    def add_to(self, app: web.Application) -> None:
        """Put the pages and the guard of the headers into the server."""
        app.router.add_get("/.auth/login/aad", self._login)
        app.router.add_get("/.auth/logout", self._logout)
        app.router.add_get("/.auth/me", self._me)
        app.middlewares.append(self._guard)

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        headers = CIMultiDict(
            (name, text) for name, text in request.headers.items() if not name.lower().startswith(_SET_BY_THE_PLATFORM)
        )
        somebody = self._somebody(request)
        if somebody is not None:
            headers.update(somebody.headers())
        return await handler(request.clone(headers=headers))

    async def _login(self, request: web.Request) -> web.StreamResponse:
        back = _local(request.query.get("post_login_redirect_uri", ""))
        key = request.query.get("as")
        if key is None:
            return web.Response(text=self._page(back), content_type="text/html")
        if key not in self.people:
            return web.Response(status=404, text=f"nobody is called {key}; there are: {', '.join(self.people)}")
        session = secrets.token_urlsafe(32)
        self.sessions[session] = key
        answer = web.Response(status=302, headers={"Location": back})
        answer.set_cookie(COOKIE, session, httponly=True, path="/")
        return answer

    async def _logout(self, request: web.Request) -> web.StreamResponse:
        self.sessions.pop(request.cookies.get(COOKIE, ""), None)
        back = _local(request.query.get("post_logout_redirect_uri", ""))
        answer = web.Response(status=302, headers={"Location": back})
        answer.del_cookie(COOKIE, path="/")
        return answer

    async def _me(self, request: web.Request) -> web.StreamResponse:
        somebody = self._somebody(request)
        if somebody is None:
            return web.Response(status=401)
        claims = list(somebody.claims())
        return web.json_response([{"provider_name": "aad", "user_id": somebody.name, "user_claims": claims}])

    def _somebody(self, request: web.Request) -> Somebody | None:
        key = self.sessions.get(request.cookies.get(COOKIE, ""))
        return self.people[key] if key else None

    def _page(self, back: str) -> str:
        links = "".join(
            f'<li><a href="/.auth/login/aad?as={quote(key, safe="")}&amp;'
            f'post_login_redirect_uri={quote(back, safe="")}">{escape(one.display_name or one.name)}</a> '
            f"{escape(one.name)}</li>"
            for key, one in self.people.items()
        )
        return _PAGE.format(links=links)


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Sign in</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<style>body {{ font: 18px/1.6 system-ui, sans-serif; max-width: 34rem; margin: 3rem auto; padding: 0 1rem }}</style>
</head><body><main><h1>Who are you?</h1>
<p>This stands for the Microsoft sign-in of Azure. Nothing is asked, nothing is proven: it is for trying things out.</p>
<ul>{links}</ul></main></body></html>
"""


def _local(path: str) -> str:
    """A path of this host; everything else would send people somewhere else."""
    return path if _PATH.fullmatch(path) else "/"
