"""Who sits at the terminal, as Azure's own token says; in an emulated Azure whoever `--as` names."""

import getpass
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from cli.connection import Connection
from shared.errors import Forbidden, Refused
from shared.journal import Actor

if TYPE_CHECKING:
    from shared.parts import Parts
    from shared.settings import Settings

# As App Service authentication and events name people, in the order of preference.
_NAMES = ("upn", "unique_name", "preferred_username")
_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


async def person_at(connection: Connection, settings: "Settings", parts: "Parts") -> Actor:
    """The person. Raises Refused when nobody can tell; only a store on this machine is open to whoever uses it."""
    if connection.someone_must_be_named:
        people = ", ".join(connection.people())
        raise Refused(f"who are you? Say --as KEY, or set HOLDFAST_AS; in this Azure there are {people}")
    try:
        return actor_of(await parts.azure.claims())
    except Forbidden as error:
        if settings.sqlite_path:
            return Actor(f"local:{getpass.getuser()}", kind="user")
        raise Refused(f"Azure does not say who you are: {error}; sign in with `az login`") from error


def actor_of(claims: Mapping[str, object]) -> Actor:
    """Whom the claims of a token for Azure name. An application's id counts only where no person uses it."""
    name = next((text for key in _NAMES if (text := _text(claims, key))), "")
    user = bool(name) or _text(claims, "idtyp") == "user"
    object_id = _text(claims, "oid").lower()
    app_id = "" if user else (_text(claims, "appid") or _text(claims, "azp")).lower()
    if not object_id and not app_id:
        raise Refused("the token from Azure names nobody: found no object id and no application id in it")
    groups = claims.get("groups")
    return Actor(
        name=name or _text(claims, "name") or app_id or object_id,
        object_id=object_id,
        app_id=app_id,
        kind="user" if user else "application",
        ip=_text(claims, "ipaddr"),
        groups=tuple(str(one).lower() for one in groups if _GUID.fullmatch(str(one)))
        if isinstance(groups, list)
        else (),
    )


def _text(claims: Mapping[str, object], key: str) -> str:
    found = claims.get(key)
    return found if isinstance(found, str) else ""
