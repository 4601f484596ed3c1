"""A failover for people: the replicas to choose from, what the checks found, the steps, and how it goes on."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.text import Text

from cli.view.text import Pairs, Paragraph, said, short
from shared.control import Change
from shared.failover.book import Failover, Stage
from shared.failover.model import Check, Option, Question, Way, Weight
from shared.failover.outline import Planned
from shared.failover.preflight import Candidate
from shared.notify.wording import duration_words

_SIGNS = {
    Weight.GOOD: ("✓", "green"),
    Weight.WARN: ("●", "yellow"),
    Weight.BLOCK: ("✗", "bold red"),
}
_WAYS = {
    Way.SWITCHOVER: "the two change places",
    Way.STANDALONE: "the replica stands alone from then on, and the old primary, too",
}
_OPTIONS = {
    Option.PLANNED: "planned: nothing is lost that the replica can still get",
    Option.FORCED: "forced: what the replica has not got is lost",
}


@dataclass(frozen=True, slots=True)
class _Hanging:
    """What stands in front, and a text that goes on beside it, below its own beginning."""

    head: Text
    text: Text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The lines, without blanks at their ends."""
        width = self.head.cell_len + 2
        for number, line in enumerate(self.text.wrap(console, max(20, options.max_width - width))):
            line.rstrip()
            yield Text.assemble(self.head, "  ", line) if number == 0 else Text.assemble(" " * width, line)


def forbidden(count: int) -> str:
    """How many checks forbid it, in words."""
    return f"{count} check{'s' * (count != 1)} forbid{'s' * (count == 1)} it"


def choice(candidates: Sequence[Candidate], chosen: Candidate) -> Group:
    """The replicas, the best first, with what speaks for each."""
    lines: list[RenderableType] = [Text("Replicas", "bold")]
    for one in candidates:
        sign, colour = ("→", "bold green") if one is chosen else (" ", "")
        count = len(one.blocked)
        against = [Text(f"; {forbidden(count)}", "red")] if count else []
        name = said(one.question.replica.name, "bold" if one is chosen else "")
        lines.append(_Hanging(Text.assemble((f"  {sign} ", colour), name), Text.assemble(said(one.why), *against)))
    return Group(*lines, Text())


def manner(question: Question) -> Group:
    """What is going to be done, in a sentence."""
    sentence = f"{question.replica.name} takes the place of {question.primary.name}"
    return Group(
        Paragraph(Text.assemble(said(sentence, "bold"), f" ({question.way}): {_WAYS[question.way]}.")),
        Paragraph(Text(f"It is {_OPTIONS[question.option]}.")),
        Text(),
    )


def checks(found: Iterable[Check], title: str = "Pre-flight") -> Group:
    """What the checks found, what forbids it first."""
    return Group(Text(title, "bold"), *(part for check in found for part in _check(check)), Text())


def _check(check: Check) -> Iterator[RenderableType]:
    sign, colour = _SIGNS[check.weight]
    head = Text.assemble((f"  {sign} ", colour), said(check.name, "bold"), "  ", said(check.server, "dim"))
    if check.weight is Weight.GOOD and not check.do:
        yield _Hanging(head, said(check.found))
        return
    yield Paragraph(head)
    rows = [("found", said(check.found, "" if check.weight is Weight.GOOD else "red"))]
    rows += [("wanted", said(check.wanted, "green"))] if check.wanted else []
    rows += [("do", said(check.do))] if check.do else []
    yield Pairs(tuple(rows), 6)


def steps(planned: Iterable[Planned]) -> Group:
    """What happens, in order."""
    lines: list[RenderableType] = [Text("Steps", "bold")]
    for number, step in enumerate(planned, 1):
        takes = Text(f"  ({step.takes})", "dim") if step.takes else Text()
        lines.append(_Hanging(Text.assemble(f"  {number}. ", (step.by, "bold")), Text.assemble(said(step.text), takes)))
    return Group(*lines, Text())


def progress(failover: Failover) -> Group:
    """How far it came."""
    lines: list[RenderableType] = [
        Text.assemble(
            ("Under way", "bold yellow") if not failover.over else ("Failover", "bold"), ": ", said(failover.named)
        )
    ]
    reason = f", because: {failover.reason}" if failover.reason else ""
    asked = f"asked for by {failover.by.name} at {failover.begun_at:%Y-%m-%d %H:%M:%S} UTC{reason}"
    lines.append(Paragraph(said(asked), 2))
    lines += [step(one.text, f"{one.at:%H:%M:%S}") for one in failover.steps]
    return Group(*lines)


def step(text: str, at: str) -> Paragraph:
    """One step that was made."""
    return Paragraph(Text.assemble((f"  {at}  ", "dim"), said(text)))


def asking(question: Question, by: str) -> str:
    """The question before anything is done, with what is worth a second thought."""
    primary, replica = question.primary.name, question.replica.name
    lost = "What the replica has not got is lost. " if question.option is Option.FORCED else ""
    back = "It cannot be taken back. " if question.way is Way.STANDALONE else ""
    return f"Connections break. {lost}{back}Let {replica} take the place of {primary}, as {by}?"


def verdict(candidates: Sequence[Candidate], chosen: Candidate, *, rehearsed: bool) -> Paragraph:
    """What a rehearsal says, or why nothing is begun, and who else could take over."""
    if chosen.blocked:
        word = "It would not go" if rehearsed else "It does not go"
        others = ", ".join(one.question.replica.name for one in candidates if not one.blocked)
        more = f" {others} could, named with --to." if others else ""
        text = f"{word}: {forbidden(len(chosen.blocked))}. Nothing was changed.{more}"
        return Paragraph(Text.assemble(("✗ ", "bold red"), text))
    return Paragraph(Text.assemble(("✓ ", "green"), "It would go. This was a rehearsal: nothing was changed."))


def ending(failover: Failover) -> Group:
    """How it ended, and what is left for people."""
    if failover.stage is Stage.DONE:
        left = [check for check in failover.afterwards if check.weight is not Weight.GOOD]
        took = (failover.ended_at or failover.begun_at) - failover.begun_at
        done = f"{failover.new.name} has taken the place of {failover.old.name}"
        head = Text.assemble(("✓ ", "green"), done, f" in {duration_words(took.total_seconds())}")
        parts: list[RenderableType] = [Text(), Paragraph(head), Text()]
        parts += [checks(left, "What is left for people")] if left else []
    elif failover.stage is Stage.FAILED:
        parts = [Text(), Paragraph(Text.assemble(("✗ ", "bold red"), said(failover.error)))]
    elif failover.approval and failover.stage is Stage.ASKED:
        text = f"waits for an approval: `holdfast approvals approve {short(failover.approval)}`, by somebody else"
        parts = [Text(), Paragraph(Text.assemble(("… ", "yellow"), text))]
    else:
        text = f"goes on; `holdfast failover {failover.old.name}` shows how far it is, and takes it up again"
        parts = [Text(), Paragraph(Text.assemble(("… ", "yellow"), text))]
    if failover.record:
        story = f"`holdfast show {short(failover.record)}` tells the whole story"
        parts.append(Paragraph(Text(story, "dim"), 2))
    return Group(*parts)


# -- for programs -----------------------------------------------------------------------------------------------------


def plain(
    candidates: Sequence[Candidate], chosen: Candidate, planned: Sequence[Planned], change: Change
) -> dict[str, Any]:
    """What would be done, as JSON."""
    question = chosen.question
    return {
        "primary": question.primary.target.id,
        "replica": question.replica.target.id,
        "option": question.option.value,
        "way": question.way.value,
        "replicas": [
            {"id": one.question.replica.target.id, "why": one.why, "blocked": len(one.blocked)} for one in candidates
        ],
        "lag_seconds": question.replica.lag.seconds,
        "checks": [plain_check(check) for check in chosen.checks],
        "change": {"before": change.before, "after": change.after, "risk": change.risk.value},
        "steps": [{"by": step.by, "text": step.text, "takes": step.takes} for step in planned],
        "goes": not chosen.blocked,
    }


def plain_check(check: Check) -> dict[str, str]:
    """One check, as JSON."""
    return {
        "name": check.name,
        "server": check.server,
        "severity": check.weight.value,
        "found": check.found,
        "wanted": check.wanted,
        "do": check.do,
    }


def plain_failover(failover: Failover) -> dict[str, Any]:
    """What became of it, as JSON."""
    return {
        "id": failover.id,
        "primary": failover.primary,
        "replica": failover.replica,
        "option": failover.option.value,
        "way": failover.way.value,
        "stage": failover.stage.value,
        "asked_by": failover.by.name,
        "reason": failover.reason,
        "steps": [{"at": step.at.isoformat(), "text": step.text} for step in failover.steps],
        "afterwards": [plain_check(check) for check in failover.afterwards],
        "error": failover.error,
        "record": failover.record,
    }
