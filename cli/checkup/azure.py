"""What Azure says: who we are, what we see, and what we may do where our servers are. Nothing is written.

Verified how: by tests against fakes whose shapes were written from memory; token and permissions also against the
emulator, once by hand. No live subscription was asked.
"""

from collections.abc import Iterable, Mapping
from email.utils import parsedate_to_datetime
from fnmatch import fnmatchcase
from typing import Any

from cli.checkup.model import Finding, Patient
from shared.arm.client import Call, Pipeline
from shared.arm.pages import pages
from shared.arm.remembering import Remembering
from shared.arm.rights import rights_for
from shared.errors import Forbidden, Retry, Stop
from shared.target import Kind

_AUTHORIZATION, _AUTHORIZATION_API = "providers/Microsoft.Authorization", "2022-04-01"
_SUBSCRIPTIONS_API = "2022-12-01"
_SKEW_SECONDS = 60
_ASSIGN = "holdfast role --format json > role.json; az role definition update --role-definition @role.json"


async def identity(patient: Patient) -> list[Finding]:
    """There is a token."""
    claims = await patient.client().claims()
    return [Finding("identity", f"a token for {claims.get('oid', 'somebody')}")]


async def subscriptions(patient: Patient) -> list[Finding]:
    """Each subscription that the settings name is seen, and Azure's clock is ours."""
    findings = []
    for name in patient.settings.subscription_ids:
        path, check = f"/subscriptions/{name}", f"subscription {name}"
        call = Call("GET", path, _SUBSCRIPTIONS_API, "Microsoft.Resources/subscriptions/read", path)
        try:
            answer = await patient.client().send(call)
        except (Retry, Stop) as error:
            mend = f"az role assignment create --role Holdfast --scope {path} for the app's identity"
            findings.append(Finding(check, "it is seen", str(error), mend))
            continue
        findings += [Finding(check, "it is seen"), *_clock(patient, answer.headers)]
    return findings


def _clock(patient: Patient, headers: Mapping[str, str]) -> list[Finding]:
    if "date" not in headers:
        return []
    apart = abs((parsedate_to_datetime(headers["date"]) - patient.at).total_seconds())
    wanted = f"our clock and Azure's are within {_SKEW_SECONDS} s"
    if apart <= _SKEW_SECONDS:
        return [Finding("clock", wanted)]
    return [Finding("clock", wanted, f"{apart:.0f} s apart", "sudo timedatectl set-ntp true")]


async def permissions(patient: Patient) -> list[Finding]:
    """The app's identity may do what the policy needs, in each resource group with servers."""
    who = patient.identity or str((await patient.client().claims()).get("oid", ""))
    policy, groups = await patient.policy(), dict[str, set[Kind]]()
    async for target in patient.servers():
        groups.setdefault("/".join(target.id.split("/")[:5]), set()).add(target.kind)
    # The same few roles stand at every group.
    findings, client = [], Remembering(patient.client(), lambda: patient.at)
    for scope, kinds in sorted(groups.items()):
        wanted = [right.action for right in rights_for(patient.catalogue(), policy, kinds)]
        findings.append(await _may(client, who, scope, wanted))
    return findings


async def _may(client: Pipeline, who: str, scope: str, wanted: Iterable[str]) -> Finding:
    check, text = f"permissions at {scope}", "every action that the policy needs"
    try:
        roles = await _roles(client, who, scope)
    except (Retry, Stop) as error:
        return Finding(check, text, f"cannot be seen: {error}", f"az role assignment list --assignee {who} --all")
    missing = [action for action in wanted if not any(_allows(role, action) for role in roles)]
    if not missing:
        return Finding(check, text)
    more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
    return Finding(check, text, f"{who} lacks {', '.join(missing[:3])}{more}", _ASSIGN)


async def _roles(client: Pipeline, who: str, scope: str) -> list[Mapping[str, Any]]:
    path = f"{scope}/{_AUTHORIZATION}/roleAssignments"
    query = {"$filter": f"assignedTo('{who}')"}
    call = Call("GET", path, _AUTHORIZATION_API, "Microsoft.Authorization/roleAssignments/read", scope, query=query)
    found: list[Mapping[str, Any]] = []
    async for assignment in pages(client, call):
        role = str(assignment.get("properties", {}).get("roleDefinitionId", ""))
        if not role:
            raise Forbidden(f"an assignment at {scope} names no role", call.permission, scope)
        asked = Call("GET", role, _AUTHORIZATION_API, "Microsoft.Authorization/roleDefinitions/read", role)
        found += (await client.send(asked)).body.get("properties", {}).get("permissions", [])
    return found


def _allows(permission: Mapping[str, Any], action: str) -> bool:
    def among(name: str) -> bool:
        return any(fnmatchcase(action.lower(), str(one).lower()) for one in permission.get(name) or ())

    return among("actions") and not among("notActions")
