"""The owner's policy: what Holdfast may do, and what is right. `shared.policy_file` reads it."""

from shared.policy.layer import ControlPolicy, Delay, Layer
from shared.policy.mode import Mode
from shared.policy.model import Policy
from shared.policy.playbooks import AlertMatch, EntityMatch, Playbook, Step, playbook_for
from shared.policy.routes import NOTICE_KINDS, SEVERITIES, Route
from shared.policy.rule import Rule, Said, Trace
from shared.policy.scopes import Scope
from shared.policy.sections import (
    Approvals,
    AtExpiry,
    BlastRadius,
    Breaker,
    BreakGlass,
    DatabaseAccess,
    Exempting,
    FailoverRules,
    Flapping,
    Retention,
)
from shared.policy.trust import Trusted, Window

__all__ = [
    "NOTICE_KINDS",
    "SEVERITIES",
    "AlertMatch",
    "Approvals",
    "AtExpiry",
    "BlastRadius",
    "BreakGlass",
    "Breaker",
    "ControlPolicy",
    "DatabaseAccess",
    "Delay",
    "EntityMatch",
    "Exempting",
    "FailoverRules",
    "Flapping",
    "Layer",
    "Mode",
    "Playbook",
    "Policy",
    "Retention",
    "Route",
    "Rule",
    "Said",
    "Scope",
    "Step",
    "Trace",
    "Trusted",
    "Window",
    "playbook_for",
]
