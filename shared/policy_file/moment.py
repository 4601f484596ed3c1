"""What is wrong with a policy because of the day on which it is put in force.

A policy that was in force stays usable when one of its exemptions ends; a new version with one that has ended, or that
would last too long, is a mistake.
"""

from datetime import datetime, timedelta

from shared.policy import Policy
from shared.policy.spot import Problem, Spot
from shared.policy_file.load import bad_policy


def check_moment(policy: Policy, at: datetime) -> list[Problem]:
    """The problems of a policy that is new at this moment."""
    latest = at + timedelta(days=policy.exempting.longest_days)
    problems = []
    for index, exemption in enumerate(policy.exemptions):
        spot = policy.lines.get(("exemptions", str(index), "expires"), Spot("policy", 1, 1))
        ends = f"{exemption.expires_at:%Y-%m-%d %H:%M} UTC"
        if exemption.expires_at <= at:
            problems.append(Problem(spot, f"the exemption ended at {ends}; take it out, or agree on a new end"))
        elif exemption.expires_at > latest:
            most = f"exempting.longest_days is {policy.exempting.longest_days:g}: {latest:%Y-%m-%d} or earlier"
            problems.append(Problem(spot, f"the exemption ends at {ends}; {most}"))
    return problems


def require_current(policy: Policy, at: datetime) -> None:
    """Refuse a new policy with such problems. Raises BadPolicy."""
    problems = check_moment(policy, at)
    if problems:
        raise bad_policy(problems)


def ending_soon(policy: Policy, at: datetime) -> list[Problem]:
    """The exemptions whose owners will hear of their end by now; no mistake, but worth a look."""
    soon = at + timedelta(days=policy.exempting.warn_days)
    found = []
    for index, exemption in enumerate(policy.exemptions):
        if at < exemption.expires_at <= soon:
            spot = policy.lines.get(("exemptions", str(index), "expires"), Spot("policy", 1, 1))
            days = (exemption.expires_at - at).days
            text = (
                f"the exemption ends in {days} days, at {exemption.expires_at:%Y-%m-%d %H:%M} UTC ({exemption.owner})"
            )
            found.append(Problem(spot, text))
    return found
