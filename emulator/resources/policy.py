"""Azure Policy as far as exemptions need it: initiatives, assignments and exemptions, at any scope.

Shapes and filters: Microsoft.Authorization, policyExemptions 2022-07-01-preview, policyAssignments 2022-06-01,
policySetDefinitions 2021-06-01. The codes of the refusals are not verified, but for the 404s of assignments.
"""

import re
from collections.abc import Callable
from datetime import datetime

from emulator.arm.call import Answer
from emulator.arm.registry import Done, Nothing, Outcome, Request, ResourceType
from emulator.arm.store import Resource
from emulator.body import Body, dig
from emulator.clock import long_stamp
from emulator.errors import ArmError, subscription_not_found
from emulator.ids import subscription_of
from emulator.resources.answers import item, page
from emulator.resources.locations import LOCATIONS

SETS = "Microsoft.Authorization/policySetDefinitions"
ASSIGNMENTS = "Microsoft.Authorization/policyAssignments"
EXEMPTIONS = "Microsoft.Authorization/policyExemptions"
_WORDS = {SETS: "policy set definition", ASSIGNMENTS: "policy assignment", EXEMPTIONS: "policy exemption"}
_EXEMPT = "Microsoft.Authorization/policyAssignments/exempt/action"
_CATEGORIES = ("waiver", "mitigated")
_ASSIGNMENT_FILTER = re.compile(r"policyAssignmentId eq '([^']+)'", re.IGNORECASE)

type _Test = Callable[[Resource], bool]


def scope_of(resource_id: str) -> str:
    """Return what an assignment or exemption was made at: "/" for the tenant."""
    return resource_id.lower().rpartition("/providers/microsoft.authorization/")[0] or "/"


def _id(request: Request, kind: str) -> str:
    return f"{request.path.scope}/providers/{kind}/{request.name}"


def _require_scope(request: Request) -> None:
    subscription = subscription_of(request.path.scope)
    if subscription and request.world.subscription(subscription) is None:
        raise subscription_not_found(subscription)


def _get(kind: str) -> Callable[[Request], Answer]:
    def get(request: Request) -> Answer:
        _require_scope(request)
        found = request.world.store.get(_id(request, kind))
        if found is None:
            code = "".join(word.capitalize() for word in _WORDS[kind].split())
            raise ArmError(404, f"{code}NotFound", f"The {_WORDS[kind]} '{request.name}' is not found.")
        return Answer(200, item(found))

    return get


def _list(kind: str) -> Callable[[Request], Answer]:
    def list_(request: Request) -> Answer:
        _require_scope(request)
        wanted = _filter(request, kind)
        return page([item(one) for one in request.world.store.of_type(kind) if wanted(one)])

    return list_


def _filter(request: Request, kind: str) -> _Test:
    """What the filter lets through; without one, everything that applies here or was made below."""
    tree, here, text = request.world.tree, request.path.scope or "/", request.call.query.get("$filter", "")
    now = request.world.clock.now()

    def applies(one: Resource) -> bool:
        return tree.contains(scope_of(one.id), here)

    def is_near(one: Resource) -> bool:
        return applies(one) or tree.contains(here, scope_of(one.id))

    tests: dict[str, _Test] = {
        "": is_near,
        "atscopeandbelow()": is_near,  # what the az command line calls it
        "atscope()": applies,
        "atexactscope()": lambda one: scope_of(one.id) == here.lower(),
    }
    if kind == EXEMPTIONS:
        tests["excludeexpired()"] = lambda one: is_near(one) and not _is_over(one, now)
        if match := _ASSIGNMENT_FILTER.fullmatch(text):
            assignment = match[1].lower()
            return lambda one: is_near(one) and one.properties["policyAssignmentId"].lower() == assignment
    if text.lower() not in tests:
        raise ArmError(400, "InvalidFilterInQueryString", f"The filter '{text}' in the query string is invalid.")
    return tests[text.lower()]


def _is_over(exemption: Resource, now: datetime) -> bool:
    expires = exemption.properties.get("expiresOn")
    return expires is not None and datetime.fromisoformat(expires) <= now


def _put(kind: str, check: Callable[[Request], None]) -> Callable[[Request], Outcome]:
    def put(request: Request) -> Outcome:
        _require_scope(request)
        check(request)
        id_, store, now = _id(request, kind), request.world.store, long_stamp(request.world.clock.now())
        old = store.get(id_)
        created = dig(old.body, "systemData.createdAt") if old else now
        system = {"createdAt": created, "lastModifiedAt": now, "createdByType": "User", "lastModifiedByType": "User"}
        new = Resource(old.id if old else id_, kind, {"properties": _shown(kind, id_, request), "systemData": system})
        store.put(new)
        # an assignment is answered 201 also when it was there
        return Done(Answer(200 if old and kind != ASSIGNMENTS else 201, item(new)))

    return put


def _shown(kind: str, id_: str, request: Request) -> Body:
    sent: Body = request.body.get("properties") or {}
    if kind == SETS:
        return {"policyType": "Custom"} | sent
    if kind == ASSIGNMENTS:
        return {"enforcementMode": "Default", "notScopes": []} | sent | {"scope": id_.rsplit("/providers/", 1)[0]}
    return sent


def _delete(kind: str) -> Callable[[Request], Outcome]:
    def delete(request: Request) -> Outcome:
        found = request.world.store.get(_id(request, kind))
        if found is None:
            return Nothing()
        request.world.store.remove(found.id)
        return Done(Answer(200, item(found) if kind == ASSIGNMENTS else None))

    return delete


def _check_set(request: Request) -> None:
    _require(request, "policyDefinitions")
    for one in dig(request.body, "properties.policyDefinitions"):
        if not dig(one, "policyDefinitionId") or not dig(one, "policyDefinitionReferenceId"):
            raise _invalid("Each policy definition needs policyDefinitionId and policyDefinitionReferenceId.")


def _check_assignment(request: Request) -> None:
    _require(request, "policyDefinitionId")
    definition = dig(request.body, "properties.policyDefinitionId")
    if "/policysetdefinitions/" in definition.lower() and request.world.store.get(definition) is None:
        raise ArmError(404, "PolicySetDefinitionNotFound", f"The policy set definition '{definition}' is not found.")


def _check_exemption(request: Request) -> None:
    _require(request, "exemptionCategory", "policyAssignmentId")
    if str(dig(request.body, "properties.exemptionCategory")).lower() not in _CATEGORIES:
        raise _invalid(f"exemptionCategory is none of {', '.join(_CATEGORIES)}.")
    wanted = dig(request.body, "properties.policyAssignmentId")
    assignment = request.world.store.get(wanted)
    if assignment is None:
        raise ArmError(404, "PolicyAssignmentNotFound", f"The policy assignment '{wanted}' is not found.")
    # needed besides the right to write the exemption: azure-docs, governance/policy/concepts/exemption-structure
    request.call.caller.require(_EXEMPT, assignment.id)
    here, unchecked = request.path.scope, dig(request.body, "properties.assignmentScopeValidation") == "DoNotValidate"
    if not unchecked and not request.world.tree.contains(scope_of(assignment.id), here):
        raise _invalid(f"The scope '{here}' is not at or below the scope of '{assignment.id}'.")


def _require(request: Request, *names: str) -> None:
    missing = [name for name in names if not dig(request.body, f"properties.{name}")]
    if missing:
        raise _invalid(f"Missing: {', '.join(missing)}.")


def _invalid(text: str) -> ArmError:
    return ArmError(400, "InvalidRequestContent", text)


def _type(kind: str, versions: tuple[str, ...], check: Callable[[Request], None]) -> ResourceType:
    writes = {"PUT": _put(kind, check), "DELETE": _delete(kind)}
    return ResourceType(kind, versions, get=_get(kind), list=_list(kind), writes=writes, locations=LOCATIONS)


# Versions in which what is served here looks the same; the newest are those of azure-cli 2.91.0.
_STABLE = ("2021-06-01", "2022-06-01", "2023-04-01", "2025-03-01", "2025-11-01")
_PREVIEW = tuple(f"{day}-preview" for day in ("2020-07-01", "2022-07-01", "2024-12-01", "2025-12-01", "2026-01-01"))

TYPES = (
    _type(SETS, _STABLE, _check_set),
    _type(ASSIGNMENTS, _STABLE, _check_assignment),
    _type(EXEMPTIONS, _PREVIEW, _check_exemption),
)
