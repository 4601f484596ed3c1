"""Pre-flight, third part: what people have ordered, and what Holdfast itself has begun. Pure.

No option passes over these: who forbids writing means a failover as well, and releases the hold if not.
"""

from collections.abc import Iterator

from shared.failover.model import Check, Question, Seen, Weight
from shared.orders import Exemption
from shared.scope import Place


def holds(question: Question) -> Iterator[Check]:
    """Nobody holds the servers."""
    for seen in question.pair:
        hold = question.survey.orders.hold(_place(seen))
        if hold is not None:
            do = f"ask {hold.by}; then `holdfast release {hold.id}`"
            yield Check("hold", seen.name, Weight.BLOCK, f"held by {hold.by}: {hold.reason}", "no hold", do)


def break_glass(question: Question) -> Iterator[Check]:
    """Nobody works on the servers in an emergency."""
    for seen in question.pair:
        if seen.break_glass_until is not None:
            found = f"a break-glass tag until {seen.break_glass_until:%Y-%m-%d %H:%M} UTC"
            do = "ask who set it; take the tag away when they agree"
            yield Check("break-glass", seen.name, Weight.BLOCK, found, "no break-glass tag", do)


def under_way(question: Question) -> Iterator[Check]:
    """Holdfast itself has finished what it began there."""
    for seen in question.pair:
        if seen.busy:
            do = "wait for its end; `holdfast failover` of that primary tells how it stands"
            yield Check("other-failover", seen.name, Weight.BLOCK, seen.busy, "no other failover", do)
        opened = seen.memory.open
        if opened is not None and not seen.busy:
            what = ", ".join(opened.controls) or opened.purpose.value
            do = "wait a moment: Holdfast finishes it, or gives it up and says so"
            found = f"a change is under way: {what}"
            yield Check("open-change", seen.name, Weight.BLOCK, found, "nothing is under way", do)


def approvals(question: Question) -> Iterator[Check]:
    """Plans that wait for a person would meet another server than they were made for."""
    for seen in question.pair:
        count = len(seen.memory.approvals)
        if count:
            do = "decide about them before, or look at them again afterwards: `holdfast approvals`"
            yield Check("approvals", seen.name, Weight.WARN, f"{count} wait for a person", "none waits", do)


def exemptions(question: Question) -> Iterator[Check]:
    """What is exempt on the old primary is not on the new one."""
    place, at = _place(question.primary), question.survey.at
    mine = [one for one in question.survey.exemptions if _holds(one, place, question)]
    lost = [one for one in mine if not _holds(one, _place(question.replica), question)]
    for one in lost:
        controls = ", ".join(one.controls) or "every control"
        found = f"exempt from {controls} until {one.expires_at:%Y-%m-%d %H:%M} UTC; {question.replica.name} is not"
        hours = max(1, round((one.expires_at - at).total_seconds() / 3600))
        do = f"exempt {question.replica.name}, too, if its drifts are to stand (for {hours} h)"
        yield Check("exemption", question.primary.name, Weight.WARN, found, "the same on both", do)


def _holds(exemption: Exemption, place: Place, question: Question) -> bool:
    names = exemption.controls or ("",)
    return any(exemption.holds(place, control, question.survey.at) for control in names)


def _place(seen: Seen) -> Place:
    return seen.place or Place(seen.target)


CHECKS = (holds, break_glass, under_way, approvals, exemptions)
