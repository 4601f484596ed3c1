"""What the control API takes; unknown keys are refused, so that a misspelt fault is not a fault that never comes."""

import uuid

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from emulator.arm.faults import CallFault
from emulator.body import Body
from emulator.grid.event_faults import EventFault
from emulator.grid.topics import TopicFault


class FaultRules(BaseModel):
    """What POST /_control/faults takes: rules for calls, for events and for topics."""

    model_config = ConfigDict(extra="forbid")

    calls: list[CallFault] = []
    events: list[EventFault] = []
    topics: list[TopicFault] = []


class GivenEvent(BaseModel):
    """What POST /_control/events takes, one or a list: any event at all, also a forged one."""

    model_config = ConfigDict(extra="ignore")

    id: str = Field(default_factory=lambda: str(uuid.uuid4()))
    topic: str = ""
    subject: str = ""
    eventType: str  # noqa: N815  as in the Event Grid schema
    data: Body = {}
    dataVersion: str = "1"  # noqa: N815  as in the Event Grid schema


class Step(BaseModel):
    """What POST /_control/clock takes."""

    model_config = ConfigDict(extra="forbid")

    advance_seconds: float = Field(ge=0)


class Pace(BaseModel):
    """What POST /_control/settings takes; what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    operation_seconds: float | None = Field(default=None, ge=0)
    retry_after_seconds: int | None = Field(default=None, ge=0)
    activity_log_lag_seconds: float | None = Field(default=None, ge=0)
    time_scale: float | None = Field(default=None, gt=0)


class Metric(BaseModel):
    """What POST /_control/metrics takes: what a metric of a resource says from now on; null: nothing."""

    model_config = ConfigDict(extra="forbid")

    resource: str
    name: str
    value: float | None


EVENTS = TypeAdapter[list[GivenEvent] | GivenEvent](list[GivenEvent] | GivenEvent)
