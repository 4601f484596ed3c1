"""respond-tag-server: the server carries a tag that says that there is an incident.

Why      Whoever looks at the server, and every tool that goes by tags, sees that something is going on.
Fix      One tag is set; all others stay.
Refuses  Nothing.
Undo     The tag as it was, or none.
"""

from typing import Annotated

from pydantic import Field

from shared.control import (
    Case,
    Change,
    Control,
    Drift,
    Finding,
    NotApplicable,
    Parameters,
    Proposal,
    Remediator,
    Severity,
    Source,
)
from shared.responses.response import DOMAIN, Brief, Response
from shared.state import SERVER, Setting, SettingKind, State
from shared.target import Kind


class Tagged(Parameters):
    """`tag`, and its `value`: the alert's id if it is left out."""

    # Azure Resource Manager: at most 512 characters, none of these.
    tag: Annotated[str, Field(min_length=1, max_length=512, pattern=r"^[^<>%&\\?/]+$")] = Field(
        default="security-incident", description="The name of the tag."
    )
    value: Annotated[str, Field(max_length=256)] = Field(
        default="", description="The tag's value; the id of the alert if it is left out."
    )


CONTROL = Control(
    id="respond-tag-server",
    title="A tag says that there is an incident",
    domain=DOMAIN,
    severity=Severity.LOW,
    facets=(SERVER,),
    operations=frozenset({"write", "microsoft.resources/tags/write"}),
    permissions=frozenset({"Microsoft.Resources/tags/write"}),
    kinds=frozenset(Kind),
    parameters=Tagged,
)


def detect(state: State, brief: Brief) -> Finding:
    """Find a server without the tag. One that is there already, whatever it says, is somebody's."""
    if state.server is None or not brief.attacks:
        return NotApplicable("the server was not read")
    given = brief.given if isinstance(brief.given, Tagged) else Tagged()
    if any(name.lower() == given.tag.lower() for name in state.server.tags):
        return ()
    value = given.value or brief.attacks[0].alert[:256]
    setting = Setting(SettingKind.TAG, given.tag)
    return (Drift(CONTROL.id, setting, None, value, f"nothing on the server says that there is {brief.said}"),)


def plan(case: Case) -> Proposal:
    """Set it."""
    return tuple(Change(drift.setting, None, drift.wanted, Source.ALERT) for drift in case.drifts)


RESPONSE = Response(
    Remediator(CONTROL, detect, plan),
    does="tag the server",
    undo="the tag is taken away",
    idle="the server carries the tag already",
)
