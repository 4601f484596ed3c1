"""The role that a policy needs."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from cli.catalogue import every_control
from cli.options import Format
from cli.view import role as view
from cli.view.controls import KINDS
from cli.view.written import written
from shared.arm.rights import rights_for, role_of
from shared.errors import Refused
from shared.policy_file import default_policy, load_policy_file
from shared.scope import parse_scope
from shared.target import Kind

_ANYWHERE = "/subscriptions/<subscription id>"


def role(
    path: Path | None,
    kinds: Sequence[str],
    scopes: Sequence[str],
    name: str,
    failover: bool,
    format_: Format,
    out: Console,
) -> int:
    """Show every action with its reason, or the role for `az`. Raises Refused for a wrong scope."""
    catalogue, assignable = every_control(), [_assignable(scope) for scope in scopes]
    policy = load_policy_file(path, catalogue) if path else default_policy(catalogue)
    wanted = tuple(kind for kind in Kind if not kinds or KINDS[kind] in kinds)
    rights = rights_for(catalogue, policy, wanted, failover=failover)
    if format_ is not Format.TABLE:
        written(out, format_, role_of(rights, name, assignable or [_ANYWHERE]))
        return 0
    out.print(view.listing(rights))
    out.print(view.totals(rights, path, wanted), soft_wrap=True)
    return 0


def _assignable(scope: str) -> str:
    """The scope as a role's definition names it. Raises Refused, and MalformedEvent for what is no scope."""
    found = parse_scope(scope)
    if not found or "/providers/microsoft.dbforpostgresql/" in found:
        raise Refused(f"--scope: found {scope!r}; right is a subscription, a resource group or a management group")
    return found
