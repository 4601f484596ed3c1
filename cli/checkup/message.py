"""The one thing the doctor may write, and only when it is asked to: a test message to each route."""

from cli.checkup.model import Finding, Patient
from shared.errors import DeliveryFailed
from shared.journal import Actor, Notice, NoticeKind, Origin, Report, Trigger
from shared.notify.people import People
from shared.target import FLEET

_TEXT = "a test message of `holdfast doctor`: nothing has happened"


async def messages(patient: Patient) -> list[Finding]:
    """Each route takes a message."""
    policy, findings = await patient.policy(), []
    for route in policy.routes:
        channel, check = People(route, patient.settings.environment), f"message to {route.name}"
        try:
            await channel.send(_notice(patient))
        except DeliveryFailed as error:
            mend = f"az functionapp config appsettings set --settings {route.url_setting}=URL"
            findings.append(Finding(check, "the channel takes it", str(error), mend))
        else:
            findings.append(Finding(check, "the channel takes it"))
        finally:
            await channel.close()
    return findings


def _notice(patient: Patient) -> Notice:
    at = patient.at
    trigger = Trigger("doctor", FLEET.id, "*", "", at, Origin.PERSON, Actor("holdfast doctor"), received_at=at)
    report = Report("doctor", FLEET.id, "low", at, trigger, outcome=_TEXT)
    return Notice("doctor.0", NoticeKind.ORDERS_CHANGED, report, at, 0)
