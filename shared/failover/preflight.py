"""Whether a replica may take over now: every check, worst first; and which replica is the best. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from shared.failover import checks_access, checks_orders, checks_state, roles
from shared.failover.model import Check, Option, Question, Seen, Survey, Weight, blocking
from shared.failover.regions import paired

_CHECKS = (*checks_state.CHECKS, *checks_access.CHECKS, *checks_orders.CHECKS)
_WORST_FIRST = (Weight.BLOCK, Weight.WARN, Weight.GOOD)
# Lags that differ by less are no reason to prefer one replica to another.
_ALIKE_SECONDS = 10.0
_UNKNOWN = float("inf")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A replica that could take over, with what speaks for and against it."""

    question: Question
    checks: tuple[Check, ...]
    why: str

    @property
    def blocked(self) -> tuple[Check, ...]:
        """What forbids it."""
        return blocking(self.checks)


def question_about(survey: Survey, replica: Seen, option: Option) -> Question:
    """What is asked about this replica."""
    return Question(survey, replica, option, roles.way_for(survey.primary, replica, option))


def preflight(question: Question) -> tuple[Check, ...]:
    """Every check, what forbids it first."""
    found = [check for one in _CHECKS for check in one(question)]
    return tuple(sorted(found, key=lambda check: _WORST_FIRST.index(check.weight)))


def candidates(survey: Survey, option: Option) -> tuple[Candidate, ...]:
    """All replicas, the best first: what clients follow by themselves, what nothing forbids, what lags least, what is
    near (planned) or in the region's pair (forced), what differs least.

    A replica that clients do not follow, and whose promotion cannot be taken back, is never the best because the checks
    forbid the one that they follow: a person has to name it.
    """
    questions = [question_about(survey, replica, option) for replica in survey.replicas]
    judged = [Candidate(one, preflight(one), ", ".join(_reasons(one))) for one in questions]
    return tuple(sorted(judged, key=_rank))


def _rank(candidate: Candidate) -> tuple[int, int, float, int, int, str]:
    question = candidate.question
    lag = question.replica.lag.seconds
    return (
        0 if _clients_follow(question) else 1,
        len(candidate.blocked),
        _UNKNOWN if lag is None else lag // _ALIKE_SECONDS,
        _distance(question),
        _differences(question) or 0,
        question.replica.name,
    )


def _reasons(question: Question) -> Iterator[str]:
    yield "clients of the virtual endpoint follow" if _clients_follow(question) else "clients have to be re-pointed"
    lag = question.replica.lag.seconds
    yield "its lag is not known" if lag is None else f"{lag:.0f} s behind"
    here, there = roles.region(question.primary), roles.region(question.replica)
    if here and there:
        near = "the same region" if here == there else "the paired region" if paired(here, there) else "another region"
        yield f"in {near} ({there})"
    count = _differences(question)
    yield "not compared" if count is None else f"{count or 'no'} setting{'s' * (count != 1)} otherwise"


def _clients_follow(question: Question) -> bool:
    return any(roles.leads_to(one, question.replica) for one in roles.endpoints(*question.pair))


def _distance(question: Question) -> int:
    """0 is best: for a planned failover the same region, for a forced one the pair of a region that may be lost."""
    here, there = roles.region(question.primary), roles.region(question.replica)
    same, pair = here == there, paired(here, there)
    order = (pair, not same, same) if question.option is Option.FORCED else (same, pair, True)
    return order.index(True)


def _differences(question: Question) -> int | None:
    found = roles.differences(*question.pair)
    return None if found is None else len(found)
