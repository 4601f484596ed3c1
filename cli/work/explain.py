"""What the policy says about one server."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cli.catalogue import every_control
from cli.desk import Desk
from cli.errors import CommandFailed
from cli.options import Format
from cli.view import playbooks
from cli.view import policy as view
from cli.view.written import written
from cli.work.policy import moment
from cli.work.targets import target_of
from shared.errors import Refused, Retry, Stop
from shared.policy import Policy
from shared.policy.explain import explain as explained
from shared.policy_file import default_policy, load_policy_file, playbooks_of
from shared.policy_file.wording import nearest
from shared.scene import groups_above
from shared.scope import Place
from shared.state import SERVER


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody wants explained: a server by its name or ARM id, of these controls (none: of all), with these tags
    (`NAME=VALUE`) and below these management groups, the nearest first."""

    target: str
    controls: Sequence[str] = ()
    tags: Iterable[str] = ()
    groups: Sequence[str] = ()


async def explain(desk: Desk, question: Question, path: Path | None, at: str, format_: Format) -> int:
    """Explain the policy at the place of a server. Raises Refused, CommandFailed."""
    catalogue, when = every_control(), moment(at)
    policy = load_policy_file(path, catalogue) if path else default_policy(catalogue)
    for control in question.controls:
        if control not in catalogue:
            raise Refused(f"no control is named {control!r}; {nearest(control, catalogue)}")
    place = await _place(desk, question, policy)
    cards = [catalogue[name].control for name in question.controls or catalogue]
    found = explained(policy, [card for card in cards if place.target.kind in card.kinds], place, when)
    answering = [one for one in playbooks_of(policy) if one.match.holds(place)]
    if format_ is not Format.TABLE:
        plain = {**view.explanation_json(policy, place, found), "playbooks": list(map(playbooks.plain, answering))}
        written(desk.out, format_, plain, "controls")
    else:
        desk.out.print(view.place_heading(policy, place), soft_wrap=True)
        desk.out.print(view.explanation(found))
        if not question.controls:
            desk.out.print(playbooks.here(answering))
    return 0


async def _place(desk: Desk, question: Question, policy: Policy) -> Place:
    """Where the server stands: as somebody says, and of a server that was looked up the rest as it is."""
    tags = _tags(question.tags)
    groups = tuple(group.lower() for group in question.groups)
    target = await target_of(desk, question.target)
    if question.target.startswith("/"):
        return Place(target, tags, groups)
    try:
        server = (await desk.parts.arm.observe(target, (SERVER,))).server
        groups = groups or await groups_above(desk.parts.arm, policy, target)
    except (Retry, Stop) as error:
        raise CommandFailed(f"{target.name} cannot be read: {error}. A full ARM id needs no reading") from error
    return Place(target, {**(server.tags if server else {}), **tags}, groups)


def _tags(tags: Iterable[str]) -> dict[str, str]:
    pairs = {}
    for tag in tags:
        name, equals, value = tag.partition("=")
        if not equals or not name:
            raise Refused(f"--tag: found {tag!r}; right is NAME=VALUE")
        pairs[name] = value
    return pairs
