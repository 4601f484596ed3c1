"""Failover: a replica takes its primary's place because a person asks for it, checked before, proven after.

    survey → preflight → (a person) → book → promotion → afterwards

What is pure is below; what reads and writes is `survey`, `book` and `promotion`. Why it is like this:
docs/decisions/0014-one-promotion-at-a-time.md; what to do at 3 a.m.: docs/failover.md.
"""
