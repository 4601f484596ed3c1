"""Reading policies, and answering questions about them."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from rich.console import Console

from cli.catalogue import every_control
from cli.options import Format
from cli.view import playbooks
from cli.view import policy as view
from cli.view.written import written
from shared.control import Catalogue
from shared.errors import MalformedEvent, Refused
from shared.journal import now
from shared.policy import Policy
from shared.policy.explain import explain as explained
from shared.policy_diff import compare
from shared.policy_file import (
    bad_policy,
    check_moment,
    default_policy,
    folder_of,
    load_policy_file,
    playbooks_of,
    read_policy,
)
from shared.policy_file.remarks import remarks
from shared.policy_file.schema import policy_schema
from shared.policy_file.sheet_exemptions import instant
from shared.policy_file.wording import nearest
from shared.policy_servers import read_fleet
from shared.scope import Place
from shared.target import parse_target


def moment(text: str) -> datetime:
    """The moment that `--at` names, else now. Raises Refused."""
    try:
        return instant(text) if text else now()
    except (ValueError, OverflowError) as error:
        raise Refused(f"--at: found {text!r}; right is a moment with offset: 2026-03-01T12:00Z") from error


def check(path: Path, fleet: Path | None, at: str, out: Console) -> int:
    """Show the errors of a new policy, or its remarks and modes."""
    catalogue, when = every_control(), moment(at)
    reading = read_policy(path, catalogue)
    problems = check_moment(reading.policy, when)
    if problems:
        raise bad_policy(problems, folder_of(path))
    places = read_fleet(fleet).places if fleet else None
    found = remarks(reading, catalogue, when, places)
    out.print(view.usable(path, reading.policy), soft_wrap=True)
    out.print(view.modes(reading.policy, catalogue))
    out.print(view.remarks(found, folder_of(path)), soft_wrap=True)
    return 0


def explain(
    target: str,
    controls: Sequence[str],
    tags: Iterable[str],
    groups: Sequence[str],
    path: Path | None,
    at: str,
    format_: Format,
    out: Console,
) -> int:
    """Explain the policy at a place that somebody describes."""
    catalogue = every_control()
    place = _place(target, tags, groups)
    policy = load_policy_file(path, catalogue) if path else default_policy(catalogue)
    show_explanation(policy, catalogue, place, controls, moment(at), format_, out)
    return 0


def show_explanation(
    policy: Policy,
    catalogue: Catalogue,
    place: Place,
    controls: Sequence[str],
    at: datetime,
    format_: Format,
    out: Console,
) -> None:
    """Explain the policy at a place."""
    for control in controls:
        if control not in catalogue:
            raise Refused(f"no control is named {control!r}; {nearest(control, catalogue)}")
    cards = [catalogue[name].control for name in controls or catalogue]
    found = explained(policy, [card for card in cards if place.target.kind in card.kinds], place, at)
    answering = [one for one in playbooks_of(policy) if one.match.holds(place)]
    if format_ is not Format.TABLE:
        plain = {**view.explanation_json(policy, place, found), "playbooks": list(map(playbooks.plain, answering))}
        written(out, format_, plain, "controls")
    else:
        out.print(view.place_heading(policy, place), soft_wrap=True)
        out.print(view.explanation(found))
        if not controls:
            out.print(playbooks.here(answering))


def schema(out: Console) -> int:
    """Print the schema."""
    out.file.write(json.dumps(policy_schema(every_control()), indent=2) + "\n")
    return 0


def diff(old: Path, new: Path, fleet: Path, at: str, format_: Format, out: Console) -> int:
    """Compare two policies over a fleet."""
    catalogue = every_control()
    before, after = (load_policy_file(path, catalogue) for path in (old, new))
    servers = read_fleet(fleet)
    comparison = compare(before, after, catalogue, servers, moment(at))
    if format_ is not Format.TABLE:
        written(out, format_, view.comparison_json(comparison))
    else:
        out.print(view.comparison(comparison, len(servers.servers)), soft_wrap=True)
    return int(bool(comparison))


def _place(target: str, tags: Iterable[str], groups: Iterable[str]) -> Place:
    try:
        server = parse_target(target)
    except MalformedEvent as error:
        raise Refused(f"{error}; right is the ARM id of a server") from error
    pairs = {}
    for tag in tags:
        name, equals, value = tag.partition("=")
        if not equals or not name:
            raise Refused(f"--tag: found {tag!r}; right is NAME=VALUE")
        pairs[name] = value
    return Place(server, pairs, tuple(group.lower() for group in groups))
