"""What a failover does, step by step, as it is shown before anything is done. Pure.

Azure publishes no durations; what is said of them is what is known: the replica's lag, and that it restarts.
"""

from dataclasses import dataclass

from shared.failover import roles
from shared.failover.model import Option, Question, Way
from shared.target import Kind


@dataclass(frozen=True, slots=True)
class Planned:
    """One step: who does it, what it is, how long it takes as far as anybody can tell."""

    by: str
    text: str
    takes: str = ""


def outline(question: Question) -> tuple[Planned, ...]:
    """Every step in order, those of people among them."""
    primary, replica = question.primary.name, question.replica.name
    before = (Planned("you", f"stop what writes to {primary}", "as long as your applications take"),)
    alone = question.way is Way.STANDALONE
    return (
        *(before if alone and question.option is Option.PLANNED else ()),
        Planned("Holdfast", f"keep its other work away from {primary} and its replicas", "seconds"),
        Planned("Holdfast", "look again: what forbids it now ends it here", "seconds"),
        Planned("Azure", *_catching_up(question)),
        Planned("Azure", f"promote {replica}: it restarts, connections to it break", "minutes; Azure tells no figure"),
        *_endpoints(question),
        Planned("Holdfast", "read both servers again, and say what is otherwise than before", "seconds"),
        *((Planned("you", f"point clients to {replica}", "as long as your applications take"),) if alone else ()),
    )


def _catching_up(question: Question) -> tuple[str, str]:
    lag, replica = question.replica.lag.seconds, question.replica.name
    known = "not known" if lag is None else f"about {lag:.0f} s"
    if question.option is Option.FORCED:
        return f"{replica} goes with what it has; what it lacks is lost", f"{known} of writes"
    if question.replica.target.kind is Kind.FLEXIBLE:
        return f"let {replica} take over all that {question.primary.name} has", known
    return f"let {replica} apply what it has received", known


def _endpoints(question: Question) -> tuple[Planned, ...]:
    if question.way is not Way.SWITCHOVER:
        return ()
    names = ", ".join(one.writer for one in roles.endpoints(*question.pair) if roles.leads_to(one, question.replica))
    text = f"{names} leads to {question.replica.name}; {question.primary.name} becomes its replica"
    return (Planned("Azure", text, "with the promotion"),)
