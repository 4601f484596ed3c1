"""The owner's policy: what Holdfast may do, and what is right. `shared.policy_file` reads it."""

from shared.policy.layer import ControlPolicy, Delay, Layer
from shared.policy.mode import Mode
from shared.policy.model import Policy
from shared.policy.routes import NOTICE_KINDS, SEVERITIES, Route
from shared.policy.rule import Rule, Said, Trace
from shared.policy.scopes import Scope
from shared.policy.sections import Approvals, AtExpiry, BlastRadius, Breaker, BreakGlass, Exempting, Flapping
from shared.policy.trust import Trusted, Window

__all__ = [
    "NOTICE_KINDS",
    "SEVERITIES",
    "Approvals",
    "AtExpiry",
    "BlastRadius",
    "BreakGlass",
    "Breaker",
    "ControlPolicy",
    "Delay",
    "Exempting",
    "Flapping",
    "Layer",
    "Mode",
    "Policy",
    "Route",
    "Rule",
    "Said",
    "Scope",
    "Trace",
    "Trusted",
    "Window",
]
