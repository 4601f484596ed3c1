"""Which notices a route of the policy takes."""

from shared.control import Severity
from shared.journal import Notice, NoticeKind, Report
from shared.notify.address import address_for, is_personal
from shared.policy import SEVERITIES, Route
from shared.scope import Place, covers
from shared.target import Target, parse_subject


def wanted(route: Route, notice: Notice) -> bool:
    """Whether all filters of the route let the notice pass."""
    report = notice.report
    return (
        # A word this version does not know may mean anything: better told than lost.
        SEVERITIES.get(report.severity, Severity.CRITICAL) >= route.minimum_severity
        and (not route.kinds or notice.kind in route.kinds)
        and (not route.escalation or report.escalated or notice.kind is NoticeKind.HELD)
        and _is_there(route, report)
        and (not is_personal(route) or address_for(route, report) != "")
    )


def _is_there(route: Route, report: Report) -> bool:
    """Whether the report is about a server that the route is for. What is about no single server has no place."""
    if not route.scopes and not route.tags:
        return True
    subject = parse_subject(report.target)
    if not isinstance(subject, Target):
        return False
    place = Place(subject, report.tags, report.management_groups)
    somewhere = not route.scopes or any(covers(scope, place) for scope in route.scopes)
    return somewhere and all(place.tag(name) == value for name, value in route.tags.items())
