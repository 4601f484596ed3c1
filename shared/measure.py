"""What Holdfast does about a security alert, as far as it has come: measures, and the settings that they hold."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from shared.alert import Alert
from shared.control import Change, Source
from shared.journal import Trigger
from shared.state import Setting, Value


class Course(StrEnum):
    """How far a measure has come."""

    OPEN = "open"
    ACTING = "acting"
    DONE = "done"
    ASKED = "asked"
    TOLD = "told"
    NOTHING = "nothing to do"
    IMPOSSIBLE = "not possible"
    FAILED = "failed"
    ENDING = "ending"
    LIFTED = "lifted"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Measure:
    """One response of a playbook to one alert. `id` is `ALERT|RESPONSE`.

    `response` is the id of its card; `mode` what it may do, in the policy's words, and `said` who says so, and why it
    is no more; `parameters` what the playbook gives it; `where` the policy's line. What it changes stands for `hours`,
    0: for good. At `until` it is over, whatever has come of it. `detail` explains the course, `record` is the record of
    what it changed. `over` says that nothing more comes of it.
    """

    id: str
    response: str
    mode: str
    until: datetime
    hours: float = 0
    parameters: Mapping[str, Any] = field(default_factory=dict)
    said: str = ""
    where: str = ""
    course: Course = Course.OPEN
    detail: str = ""
    record: str = ""
    over: bool = False

    @property
    def alert(self) -> str:
        """The alert that it answers."""
        return self.id.partition("|")[0]

    @property
    def in_force(self) -> bool:
        """Whether it still looks at the server."""
        return not self.over and self.course is not Course.ENDING


@dataclass(frozen=True, slots=True)
class Answer:
    """An alert that is being answered. `trigger` brought it, and so holds it.

    `record` is its own record, the incident note, which has `entries` lines. `playbook` is the name of the one that
    answers, empty where none does; `where` its line. `told` says that people have heard of it, `status` is what
    Holdfast last set it to in Defender.
    """

    trigger: Trigger
    record: str
    playbook: str = ""
    where: str = ""
    measures: tuple[Measure, ...] = ()
    entries: int = 0
    told: bool = False
    status: str = ""

    @property
    def alert(self) -> Alert:
        """What came."""
        if self.trigger.alert is None:
            raise TypeError(f"the trigger {self.trigger.id} brought no alert")
        return self.trigger.alert

    @property
    def over(self) -> bool:
        """Whether nothing comes of it any more."""
        return all(one.over for one in self.measures)


@dataclass(frozen=True, slots=True)
class Held:
    """A setting that measures have changed for a while: it goes back to `before` when none of them needs it any more.

    `before` is what stood there before the first of them, `after` what the last one wrote. `measures` are their ids.
    """

    setting: Setting
    before: Value
    after: Value
    measures: tuple[str, ...]

    @property
    def change(self) -> Change:
        """What was changed."""
        return Change(self.setting, self.before, self.after, Source.ALERT)
