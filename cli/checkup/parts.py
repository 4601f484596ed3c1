"""Policy, controls, ways to people, and standing orders."""

from cli.checkup.model import Finding, Patient
from shared.policy import Mode
from shared.standing import orders_of

_SET = "az functionapp config appsettings set --settings"
_WRITES = frozenset({Mode.APPROVE, Mode.ENFORCE})


async def controls(patient: Patient) -> list[Finding]:
    """The owner's own controls can be read."""
    return [Finding("controls", f"{len(patient.catalogue())} controls are read")]


async def policy(patient: Patient) -> list[Finding]:
    """A policy is in force."""
    found = await patient.policy()
    return [Finding("policy", f"a policy is in force (mode {found.mode})")]


async def routes(patient: Patient) -> list[Finding]:
    """Somebody is told, and each route's address is there."""
    found = await patient.policy()
    if not found.routes and not patient.settings.topic_endpoint:
        mend = "add a route under `notify:` in the policy, then holdfast policy check"
        return [Finding("routes", "somebody is told of what happens", "no route and no topic", mend)]
    return [_route(patient, route.name, route.url_setting) for route in found.routes]


def _route(patient: Patient, name: str, setting: str) -> Finding:
    text = patient.settings.environment.get(setting, "")
    wanted, check = f"{setting} holds an address", f"route {name}"
    if not text:
        return Finding(check, wanted, f"{setting} is not set", f"{_SET} {setting}=URL")
    if text.startswith("@Microsoft.KeyVault("):
        mend = "give the app's identity Key Vault Secrets User on that vault, then az functionapp restart"
        return Finding(check, wanted, f"{setting} is a Key Vault reference that Azure did not resolve", mend)
    return Finding(check, wanted)


async def people(patient: Patient) -> list[Finding]:
    """Where plans wait for people, they can be reached and be known."""
    found = await patient.policy()
    if not any(found.modes(one.control) & _WRITES for one in patient.catalogue().values()):
        return []
    address = Finding("address", "links lead to the app's pages")
    if not patient.settings.address:
        address = Finding(
            "address", address.wanted, "the app knows no address", f"{_SET} HOLDFAST_PUBLIC_URL=https://..."
        )
    signed = Finding("sign-in", "App Service authentication says who decides")
    if not patient.settings.signs_people_in:
        mend = "az webapp auth update --enabled true (and an identity provider)"
        signed = Finding("sign-in", signed.wanted, "it is off: nobody can approve", mend)
    return [address, signed]


async def holds(patient: Patient) -> list[Finding]:
    """Nothing keeps the whole fleet from being mended."""
    everywhere = [hold for hold in (await orders_of(patient.store)).holds if not hold.scope and not hold.control]
    wanted = "the fleet is not held"
    if not everywhere:
        return [Finding("holds", wanted)]
    found = "; ".join(f"held by {hold.by} since {hold.at:%Y-%m-%d %H:%M} UTC: {hold.reason}" for hold in everywhere)
    return [Finding("holds", wanted, found, "holdfast release --everything --reason ...")]
