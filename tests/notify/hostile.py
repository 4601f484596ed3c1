"""A notice with a text of somebody else's in each place that holds one."""

from dataclasses import replace

from shared.journal import Actor, ChangeLine, Notice, NoticeKind
from tests.notify.builders import a_finding, a_notice, a_report, a_trigger


def a_notice_full_of(text: str, kind: NoticeKind = NoticeKind.APPROVAL_NEEDED) -> Notice:
    rule = f"firewallRules/{text}"
    found = a_finding(title=text, setting=rule, found=text, why=text, reason=text, person=text, where=text)
    report = a_report(
        trigger=a_trigger(child=text, actor=Actor(text, kind="user", ip=text)),
        findings=(found,),
        changes=(ChangeLine(rule, text, "x", text, text),),
        outcome=text,
        error=text,
        tags={text: text},
        owner=text,
        approval=text,
    )
    return replace(a_notice(), kind=kind, report=report)
