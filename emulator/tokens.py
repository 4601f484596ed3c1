"""Tokens as Microsoft Entra makes them for Azure Resource Manager, signed by the emulator and good only here.

Real ones are RS256; these are HS256 with a secret of this run, because nobody but the emulator verifies them.
"""

import secrets
import uuid
from datetime import UTC, datetime

import jwt
from jwt.types import Options

from emulator.access import Access, Caller
from emulator.body import Body
from emulator.clock import Clock
from emulator.errors import ArmError

ARM_AUDIENCES = frozenset({"https://management.azure.com", "https://management.core.windows.net"})
GRID_AUDIENCE = "https://eventgrid.azure.net"
_CHALLENGE = (
    'Bearer authorization_uri="https://login.windows.net/{tenant}", error="invalid_token", error_description="{why}"'
)


def _unauthorized(tenant_id: str, code: str, why: str) -> ArmError:
    return ArmError(401, code, why, {"WWW-Authenticate": _CHALLENGE.format(tenant=tenant_id, why=why)})


class Tokens:
    """Issues tokens and tells whose they are."""

    def __init__(self, access: Access, clock: Clock, tenant_id: str, lifetime_seconds: int) -> None:
        self._access = access
        self._clock = clock
        self._tenant_id = tenant_id
        self._lifetime_seconds = lifetime_seconds
        self._secret = secrets.token_bytes(64)
        self._known: dict[str, tuple[Body, Caller]] = {}
        self.audiences = set(ARM_AUDIENCES)  # the app adds its own address

    def issue(self, caller: Caller, resource: str, site: str) -> tuple[str, Body]:
        """Return a token for a resource, and what it says; `site` is the app that has the identity."""
        now = int(self._clock.now().timestamp())
        who = caller.principal
        claims: Body = {
            "aud": resource,
            "iss": f"https://sts.windows.net/{self._tenant_id}/",
            "iat": now,
            "nbf": now,
            "exp": now + self._lifetime_seconds,
            "appid": who.app_id,
            "oid": who.object_id,
            "sub": who.object_id,
            "tid": self._tenant_id,
            "uti": secrets.token_urlsafe(16),
            "ver": "1.0",
        }
        claims |= _person(caller) if who.kind == "User" else {"appidacr": "2", "idtyp": "app"}
        # az learns from xms_mirid that it runs as a managed identity, so every identity the endpoint serves has one
        claims["xms_mirid"] = site
        return jwt.encode(claims, self._secret, algorithm="HS256"), claims

    def read(self, authorization: str, audiences: set[str]) -> tuple[Body, Caller]:
        """Return the claims and the caller of an Authorization header, or refuse as ARM does."""
        scheme, _, token = authorization.partition(" ")
        if not authorization:
            text = "Authentication failed. The 'Authorization' header is missing."
            raise _unauthorized(self._tenant_id, "AuthenticationFailed", text)
        if scheme.lower() != "bearer":
            text = "Authentication failed. The 'Authorization' header is provided in an invalid format."
            raise _unauthorized(self._tenant_id, "AuthenticationFailedInvalidHeader", text)
        claims, caller = self._known.get(token) or self._verify(token)
        self._check(claims, audiences)
        return claims, caller

    def _verify(self, token: str) -> tuple[Body, Caller]:
        try:
            # expiry and audience are judged at each use, against the emulator's own clock
            options: Options = {"verify_aud": False, "verify_exp": False, "verify_nbf": False, "verify_iat": False}
            claims: Body = jwt.decode(token, self._secret, algorithms=["HS256"], options=options)
            caller = self._access.by_object_id(claims["oid"])
        except (jwt.InvalidTokenError, KeyError) as error:
            text = "The access token is invalid."
            raise _unauthorized(self._tenant_id, "InvalidAuthenticationToken", text) from error
        if caller is None:
            raise _unauthorized(self._tenant_id, "InvalidAuthenticationToken", "The access token is invalid.")
        self._known[token] = (claims, caller)
        return claims, caller

    def _check(self, claims: Body, audiences: set[str]) -> None:
        if str(claims["aud"]).rstrip("/") not in audiences:
            text = (
                "The access token has been obtained for wrong audience or resource "
                f"'{claims['aud']}'. It should exactly match with one of the allowed audiences "
                f"'{','.join(sorted(audiences))}'."
            )
            raise _unauthorized(self._tenant_id, "InvalidAuthenticationTokenAudience", text)
        if claims["exp"] <= self._clock.now().timestamp():
            expiry = datetime.fromtimestamp(claims["exp"], UTC).strftime("%m/%d/%Y %H:%M:%S")
            text = f"The access token expiry UTC time '{expiry}' is earlier than current UTC time."
            raise _unauthorized(self._tenant_id, "ExpiredAuthenticationToken", text)


def _person(caller: Caller) -> Body:
    who = caller.principal
    return {
        "appidacr": "0",
        "amr": ["rsa", "mfa"],
        "idtyp": "user",
        "ipaddr": who.ip,
        "name": who.display_name,
        "puid": uuid.UUID(who.object_id).hex[:16].upper(),
        "scp": "user_impersonation",
        "unique_name": who.user_principal_name,
        "upn": who.user_principal_name,
    }
