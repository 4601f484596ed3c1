"""What the tests of controls share: one control on one server, with parameters as the policy gives them."""

from typing import Any

from shared.control import Drift, Finding
from shared.plan import Judge
from shared.policy import ControlPolicy, Mode, Policy
from shared.state import State
from tests.builders import CATALOGUE


def judge_of(control: str, state: State, **parameters: Any) -> Judge:
    """The judge of one control, as it reads for this server's kind."""
    remediator = CATALOGUE[control].on(state.target.kind)
    own = ControlPolicy(parameters=remediator.control.parameters.model_validate(parameters))
    policy = Policy(mode=Mode.ENFORCE, controls={control: own})
    return Judge(remediator, policy.general_rule(remediator.control))


def finding_of(control: str, state: State, **parameters: Any) -> Finding:
    """What the control answers."""
    return judge_of(control, state, **parameters).find(state)


def drifts_of(control: str, state: State, **parameters: Any) -> tuple[Drift, ...]:
    """The drifts it finds."""
    finding = finding_of(control, state, **parameters)
    assert isinstance(finding, tuple)
    return finding
