"""Small makers of the nouns: a test names what matters to it, the rest is a server in good order."""

from datetime import UTC, datetime
from typing import Any

from remediators import load_all
from shared.control import Catalogue, Drift, Finding
from shared.journal import Actor, Trigger
from shared.policy import ControlPolicy, Mode, Policy
from shared.state import Administrator, FirewallRule, Parameter, Server, State
from shared.target import Kind, Target
from tests.good import DBA_GROUP as DBA_GROUP
from tests.good import PARAMETERS as PARAMETERS

SUBSCRIPTION = "11111111-1111-4111-8111-111111111111"
TENANT = "22222222-2222-4222-8222-222222222222"
STRANGER = "44444444-4444-4444-8444-444444444444"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
CATALOGUE: Catalogue = load_all()


def a_target(name: str = "pg-payments", kind: Kind = Kind.FLEXIBLE) -> Target:
    return Target(kind, SUBSCRIPTION, "rg-payments", name)


def a_server(**changes: Any) -> Server:
    good: dict[str, Any] = {
        "public_access": False,
        "virtual_network": False,
        "approved_endpoints": 1,
        "entra_auth": True,
        "password_auth": False,
        "tenant_id": TENANT,
    }
    return Server(**(good | changes))


def a_rule(name: str = "app", start: str = "203.0.113.10", end: str = "") -> FirewallRule:
    return FirewallRule(name, start, end or start)


def a_parameter(name: str, value: str, **changes: Any) -> Parameter:
    return Parameter(name, value, **changes)


def an_admin(object_id: str = DBA_GROUP, name: str = "dba-group") -> Administrator:
    return Administrator(object_id, name, "Group", TENANT)


def a_state(target: Target | None = None, **changes: Any) -> State:
    good: dict[str, Any] = {
        "server": a_server(),
        "firewall_rules": (a_rule(),),
        "parameters": {
            "require_secure_transport": a_parameter("require_secure_transport", "on", allowed="on,off"),
            "ssl_min_protocol_version": a_parameter(
                "ssl_min_protocol_version", "TLSv1.2", allowed="TLSv1,TLSv1.1,TLSv1.2,TLSv1.3"
            ),
        },
        "administrators": (an_admin(),),
    }
    return State(target or a_target(), **(good | changes))


def a_policy(mode: Mode = Mode.ENFORCE, **modes: Mode) -> Policy:
    """A policy in which every control has its parameters; `modes` gives single controls a line of their own."""
    own = {name.replace("_", "-"): value for name, value in modes.items()}
    controls = {
        name: ControlPolicy(
            mode=own.get(name),
            parameters=remediator.control.parameters.model_validate(PARAMETERS.get(name, {})),
        )
        for name, remediator in CATALOGUE.items()
    }
    return Policy(mode=mode, controls=controls)


def a_trigger(target: Target | None = None, operation: str = "*", child: str = "", **changes: Any) -> Trigger:
    given: dict[str, Any] = {
        "id": f"event-{operation}-{child}",
        "at": NOON,
        "received_at": NOON,
        "actor": Actor("dana.fields@contoso.example", "d" * 8, "", "user", "198.51.100.23"),
    }
    return Trigger(target=(target or a_target()).id, operation=operation, child=child, **(given | changes))


def the_drift(finding: Finding) -> Drift:
    """The only drift of a finding."""
    assert isinstance(finding, tuple)
    (only,) = finding
    return only
