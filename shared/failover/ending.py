"""How a failover ends: proven, or told as failed with what the servers are now; and then everything else may go on.

The book comes before the record: a worker that is killed between the two leaves an open promotion, which the next pass
closes as the book says.
"""

from shared.failover import roles
from shared.failover.afterwards import afterwards, lines
from shared.failover.book import Failover, Stage, write_on
from shared.failover.members import let_go
from shared.failover.model import Check, Survey, Weight
from shared.failover.survey import Surveyor
from shared.journal import Trigger
from shared.memory import Purpose, Remediation
from shared.stewardship import look_again
from shared.turn import Turn


def promoting_on(turn: Turn) -> Remediation | None:
    """The promotion that is open on the replica."""
    opened = turn.ledger.open
    return opened if opened is not None and opened.purpose is Purpose.PROMOTE else None


def surveyor_of(turn: Turn) -> Surveyor:
    """What looks at servers in this pass."""
    return Surveyor(turn.arm, turn.store, turn.policy)


def text_of(failover: Failover) -> str:
    """It in a sentence: which servers, how, who asked, why."""
    because = f", because: {failover.reason}" if failover.reason else ""
    return f"{failover.named}, asked for by {failover.by.name}{because}"


async def finish(turn: Turn, failover: Failover, promoting: Remediation, failure: str) -> None:
    """The replica follows nobody any more: look at both, tell what is left for people, and let go."""
    old, new = await surveyor_of(turn).pair(failover.old, failover.new)
    checks = afterwards(failover, Survey(turn.clock(), old), new)
    if failure:
        do = "the replica is promoted all the same; ask Azure what it did not finish"
        checks = (Check("operation", failover.new.name, Weight.BLOCK, failure, "it ends well", do), *checks)
    left = lines(checks)
    things = f"; {len(left)} thing{'s' * (len(left) != 1)} left for people" if left else ""
    at = turn.clock()
    told = f"{failover.new.name} follows nobody any more: proven by reading again"
    await write_on(
        turn.store,
        failover,
        lambda one: one.went(at, told, stage=Stage.DONE, afterwards=checks, ended_at=at, record=promoting.id),
    )
    turn.ledger.promoted(promoting, f"{text_of(failover)}{things}", left)
    await _let_go(turn, failover)


async def give_up(turn: Turn, failover: Failover, why: str, trigger: Trigger | None) -> None:
    """Say what state it is in and what to do next."""
    standing = await _standing(turn, failover)
    error, at, promoting = f"{why}. {standing}", turn.clock(), promoting_on(turn)
    record = promoting.id if promoting is not None else failover.record
    await write_on(
        turn.store,
        failover,
        lambda one: one.went(at, f"failed: {why}", stage=Stage.FAILED, error=error, ended_at=at, record=record),
    )
    if promoting is not None:
        turn.ledger.gave_up(promoting, error)
    else:
        turn.ledger.not_promoted(trigger, text_of(failover), error)
    await _let_go(turn, failover)


async def close(turn: Turn, failover: Failover | None, promoting: Remediation) -> None:
    """A worker was killed after the end was in the book, and before it was in the record."""
    if failover is not None and failover.stage is Stage.DONE:
        turn.ledger.promoted(promoting, text_of(failover), lines(failover.afterwards))
    else:
        error = (
            failover.error if failover is not None else "the book of failovers does not know it; look at both servers"
        )
        turn.ledger.gave_up(promoting, error)
    turn.ledger.memory = let_go(turn.ledger.memory)
    await turn.commit()
    await turn.wake()


async def _standing(turn: Turn, failover: Failover) -> str:
    """Which server is what now, in a sentence, and what a person does about it."""
    old, new = await surveyor_of(turn).pair(failover.old, failover.new)
    said = []
    for seen in (old, new):
        if seen.state is None or seen.state.server is None:
            said.append(f"{seen.name} cannot be read ({seen.why})")
            continue
        follows = roles.source(seen.state).rpartition("/")[2]
        role = f"follows {follows}" if follows else "follows nobody"
        said.append(f"{seen.name} {role} and is {seen.state.server.state or 'in no state that Azure tells'}")
    next_ = (
        f"clients are served by {old.name} as before; put right what is named, then call `holdfast failover` again"
        if roles.follows(new, failover.old)
        else f"look at {new.name} before anybody writes there"
    )
    return f"Now: {', '.join(said)}. Next: {next_}"


async def _let_go(turn: Turn, failover: Failover) -> None:
    """Everything else may go on with all members."""
    turn.ledger.memory = let_go(turn.ledger.memory)
    await turn.commit()
    await look_again(turn.store, failover.members, failover.by, turn.clock())
