"""The playbooks that come with Holdfast. They are read when the first alert comes, and not before."""

from dataclasses import replace
from functools import cache

from shared.policy import Mode, Playbook, Policy
from shared.policy_file.load import DEFAULT_POLICY, load_policy

DEFAULT_PLAYBOOKS = DEFAULT_POLICY.with_name("default_playbooks.yaml")


def playbooks_of(policy: Policy) -> tuple[Playbook, ...]:
    """Every playbook that counts under the policy, in the order in which they are asked: its own come first."""
    most = policy.default_playbooks
    return policy.playbooks if most is Mode.OFF else (*policy.playbooks, *(one.at_most(most) for one in shipped()))


@cache
def shipped() -> tuple[Playbook, ...]:
    """Those that come with Holdfast, as they are written."""
    found = load_policy(DEFAULT_PLAYBOOKS.read_bytes(), DEFAULT_PLAYBOOKS.name, {}).playbooks
    return tuple(replace(one, shipped=True) for one in found)
