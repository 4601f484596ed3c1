"""App Service's managed identity endpoint: azure-identity and `az login --identity` take their tokens here.

`GET ?api-version=2019-08-01&resource=…` with the header X-IDENTITY-HEADER. Azure has one header for one app;
here each principal of the fleet has its own, and which one is sent says who is calling.
"""

from aiohttp import web

from emulator.access import Access, Caller
from emulator.body import Body
from emulator.tokens import Tokens

_API_VERSIONS = ("2019-08-01", "2020-06-01")


class IdentityEndpoint:
    """Answers token requests."""

    def __init__(self, access: Access, tokens: Tokens, site: str) -> None:
        self._access = access
        self._tokens = tokens
        self._site = site

    async def answer(self, request: web.Request) -> web.Response:
        """Answer one token request; error bodies follow App Service's, not verified."""
        caller = self._access.by_header(request.headers.get("X-IDENTITY-HEADER", ""))
        if caller is None:
            return _error(401, "unauthorized", "X-IDENTITY-HEADER is missing or not one of this endpoint")
        if request.query.get("api-version") not in _API_VERSIONS:
            return _error(400, "invalid_request", f"api-version must be one of {', '.join(_API_VERSIONS)}")
        resource = request.query.get("resource", "")
        if not resource:
            return _error(400, "invalid_request", "resource is missing")
        asked = request.query.get("client_id") or request.query.get("object_id") or request.query.get("principal_id")
        if asked and asked not in (caller.principal.app_id, caller.principal.object_id):
            return _error(400, "invalid_request", f"no managed identity {asked} is assigned to this app")
        return web.json_response(self._token(caller, resource))

    def _token(self, caller: Caller, resource: str) -> Body:
        token, claims = self._tokens.issue(caller, resource, self._site)
        return {
            "access_token": token,
            "expires_on": str(claims["exp"]),
            "resource": resource,
            "token_type": "Bearer",
            "client_id": caller.principal.app_id,
        }


def _error(status: int, code: str, why: str) -> web.Response:
    return web.json_response({"statusCode": status, "message": why, "error": code}, status=status)
