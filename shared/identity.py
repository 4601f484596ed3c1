"""Who is signed in, as App Service authentication says in the headers of a request.

The platform takes these headers out of what clients send and writes its own, but only while it is switched on. Anywhere
else a client could write whatever name it likes, so there nobody is signed in. The shape of the header stands at
learn.microsoft.com, "Work with user identities in Azure App Service authentication"; without a token store the claims
keep their short names.
"""

import base64
import binascii
import re
from collections.abc import Iterable, Iterator, Mapping

from pydantic import BaseModel, ValidationError

from shared.journal import Actor

HEADER = "x-ms-client-principal"
# Ids of other identity providers stand for other people than those that a policy names.
_ENTRA = "aad"
_MICROSOFT = "http://schemas.microsoft.com"
_XMLSOAP = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims"
_OBJECT_ID = (f"{_MICROSOFT}/identity/claims/objectidentifier", "oid")
_SIGN_IN_NAME = (f"{_XMLSOAP}/upn", "upn", "preferred_username", "unique_name", f"{_XMLSOAP}/emailaddress", "email")
_APP_ID = ("appid", "azp")
_GROUPS = frozenset({f"{_MICROSOFT}/ws/2008/06/identity/claims/groups", "groups"})
_ROLES = frozenset({f"{_MICROSOFT}/ws/2008/06/identity/claims/role", "roles"})
_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_LONGEST_HEADER = 65536
_LONGEST_NAME = 256


class _Claim(BaseModel):
    typ: str
    val: str | None = None


class _Principal(BaseModel):
    auth_typ: str
    claims: tuple[_Claim, ...]
    role_typ: str | None = None

    def first(self, kinds: tuple[str, ...]) -> str:
        """The first claim of the kinds, in the order of the kinds."""
        return next((value for kind in kinds for value in self.all(frozenset({kind})) if value), "")

    def all(self, kinds: frozenset[str]) -> Iterator[str]:
        """The values of all claims of these kinds."""
        return (claim.val for claim in self.claims if claim.typ in kinds and claim.val)


def signed_in(headers: Mapping[str, str], trusted: bool) -> Actor | None:
    """Who is signed in, or None. Names of headers are in lower case; `trusted` says that the platform sets them.

    An application has no name to sign in with. Only there the application id says who it is: on a person's claims it
    names the program that they use, which others use as well.
    """
    principal = _read(headers.get(HEADER, "")) if trusted else None
    if principal is None or principal.auth_typ.lower() != _ENTRA:
        return None
    object_id = principal.first(_OBJECT_ID).lower()
    if not _GUID.fullmatch(object_id):
        return None
    person = principal.first(_SIGN_IN_NAME)
    app_id = "" if person else principal.first(_APP_ID).lower()
    return Actor(
        name=(person or principal.first(("name",)) or app_id or object_id)[:_LONGEST_NAME],
        object_id=object_id,
        app_id=app_id,
        kind="user" if person else "application",
        groups=tuple(_memberships(principal)),
    )


def is_among(actor: Actor, names: Iterable[str]) -> bool:
    """Whether one of the names is an id of this actor, or of a group or role that they have."""
    ids = {text.lower() for text in (actor.object_id, actor.app_id, *actor.groups)} - {""}
    return bool(ids & {name.lower() for name in names})


def _memberships(principal: _Principal) -> Iterator[str]:
    """Object ids of groups, and app roles; ids are lower case everywhere in Holdfast."""
    roles = _ROLES | {principal.role_typ or ""} - {""}
    found = dict.fromkeys([*principal.all(_GROUPS), *principal.all(roles)])
    return (text.lower() if _GUID.fullmatch(text) else text for text in found)


def _read(header: str) -> _Principal | None:
    if not header or len(header) > _LONGEST_HEADER:
        return None
    try:
        return _Principal.model_validate_json(base64.b64decode(header, validate=True))
    except (ValidationError, binascii.Error, ValueError):
        return None
