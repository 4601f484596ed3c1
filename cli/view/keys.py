"""Keys as people and machines see them, and how one is rolled over."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from cli.view.text import Pairs, Paragraph, said
from shared import key_commands

if TYPE_CHECKING:
    from cli.work.keys import Held


def shown(found: Sequence["Held"], without: int, *, whole: bool) -> Iterator[RenderableType]:
    """A line for each key, or all there is to say about those of one server."""
    if found and whole:
        for one in found:
            yield from _one(one)
    elif found:
        yield _table(found)
        yield Text()
        # Below the table, where a sentence has the whole width.
        for one in found:
            if one.trouble:
                yield Paragraph(Text.assemble((f"{one.target.name}: ", "bold"), said(one.trouble, "red")))
    if without:
        yield Text(f"{without} server{'s' if without > 1 else ''} without a key of the owner's.", "dim")
    if not found and not without:
        yield Text("No server is there that you can see.")


def plain(one: "Held") -> dict[str, Any]:
    """One key for machines."""
    return {
        "server": one.target.id,
        "key": one.address.key if one.address else "",
        "vault": one.vault,
        "version": one.version,
        "expires": one.expires.isoformat() if one.expires else None,
        "days_left": one.days,
        "rotation": one.rotates,
        "rights": one.rights,
        "last_rotation": one.rotated.isoformat() if one.rotated else None,
        "trouble": one.trouble,
        "roll_over": [{"who": who, "does": text} for who, text in roll_over(one)],
    }


def roll_over(one: "Held") -> list[tuple[str, str]]:
    """The steps to a new version of the key, in order: who does each, and with which command."""
    if one.address is None or one.way is None:
        return []
    uri = f"https://{one.address.vault}.vault.azure.net/keys/{one.address.key}"
    vault, principal = one.way.vault, one.way.principal
    give = key_commands.give_role if one.by_roles else key_commands.set_policy
    steps = [] if one.rights else [("who owns the vault", give(vault, principal or "OBJECT-ID"))]
    steps.append(
        (
            "the vault, by its policy, or its owner" if one.rotates else "who owns the vault",
            key_commands.rotate(one.address),
        )
    )
    if one.address.version:
        command = key_commands.point(one.target, f"{uri}/NEW-VERSION", one.way.identity or "IDENTITY")
        steps.append(("who owns the server", command))
    else:
        steps.append(("Azure", "the server follows to the new version by itself"))
    steps += [
        ("Holdfast", "checks by the vault's event: the key is enabled and in its time, the identity may use it"),
        ("who owns the server", f"waits a day, then sees that the server is Ready: holdfast keys {one.target.name}"),
        ("who owns the vault", key_commands.disable(one.address, one.version or "OLD-VERSION")),
    ]
    return steps


def _table(found: Sequence["Held"]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for name in ("Server", "Key", "Vault", "Expires", "Rotates", "May use it"):
        table.add_column(name, overflow="fold")
    for one in found:
        table.add_row(
            said(one.target.name, "bold red" if one.trouble else ""),
            said(one.address.key if one.address else "?"),
            said(one.vault),
            _expiry(one),
            said(one.rotates or "no"),
            said(one.rights or "nobody" if one.way else "?"),
        )
    return table


def _one(one: "Held") -> Iterator[RenderableType]:
    yield Text.assemble(
        (one.target.name, "bold"), "  ", (one.trouble or "all is well", "red" if one.trouble else "green")
    )
    yield Pairs(
        (
            ("Key", said(f"{one.address.key if one.address else '?'}, version {one.version or '?'}")),
            ("Vault", said(one.vault or "?")),
            ("Expires", _expiry(one)),
            ("Rotates", said(one.rotates or "not by itself")),
            ("May use it", said(_rights(one))),
            ("Last rotation", said(_day(one.rotated))),
        )
    )
    steps = roll_over(one)
    if steps:
        yield Text("\nTo roll it over", "bold")
    for number, (who, what) in enumerate(steps, 1):
        yield Text(f"  {number}. {who}:")
        yield Text(f"     {what}", "cyan", no_wrap=True, overflow="ignore")


def _rights(one: "Held") -> str:
    if one.way is None:
        return "?"
    identity = one.way.identity.rpartition("/")[2] or "the server itself"
    return f"{identity}, by {one.rights}" if one.rights else f"nobody: {identity} has lost the right, or never had it"


def _expiry(one: "Held") -> Text:
    if one.expires is None:
        return Text("never" if one.way else "?", "dim")
    return Text(f"{one.expires:%Y-%m-%d} ({one.days} days)", "red" if (one.days or 0) < 30 else "")


def _day(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d}" if at else "?"
