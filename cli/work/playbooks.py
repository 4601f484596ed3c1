"""The playbooks that count under a policy."""

from pathlib import Path

from rich.console import Console

from cli.catalogue import every_control
from cli.options import Format
from cli.view import playbooks as view
from cli.view.written import written
from shared.errors import Refused
from shared.policy import Playbook
from shared.policy_file import default_policy, load_policy_file, playbooks_of
from shared.policy_file.wording import nearest


def listed(policy: Path | None, format_: Format, out: Console) -> int:
    """All of them, in the order in which they are asked."""
    found = _under(policy)
    if format_ is not Format.TABLE:
        written(out, format_, list(map(view.plain, found)))
    else:
        out.print(view.listing(found))
    return 0


def show(name: str, policy: Path | None, format_: Format, out: Console) -> int:
    """One of them. Raises Refused where there is none of this name."""
    found = {one.name: one for one in _under(policy)}
    if name not in found:
        raise Refused(f"no playbook is named {name!r}; {nearest(name, found)}")
    if format_ is not Format.TABLE:
        written(out, format_, view.plain(found[name]), "responses")
    else:
        out.print(view.sheet(found[name]))
    return 0


def _under(path: Path | None) -> tuple[Playbook, ...]:
    catalogue = every_control()
    return playbooks_of(load_policy_file(path, catalogue) if path else default_policy(catalogue))
