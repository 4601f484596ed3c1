"""Builds the delivery from settings and policy: the Event Grid topic, where there is one, a channel per route, and
Defender for the status of alerts."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from azure.core.credentials import AzureKeyCredential

from shared.notify.channel import Channel
from shared.notify.defender import Alerts, Defender
from shared.notify.deliver import Delivery
from shared.notify.event_grid import EventGridTopic
from shared.notify.links import Links
from shared.notify.people import People
from shared.policy import Policy
from shared.ports import Store
from shared.settings import Settings

if TYPE_CHECKING:
    from azure.core.credentials_async import AsyncTokenCredential


def build_delivery(
    settings: Settings,
    policy: Policy,
    store: Store,
    credential: Callable[[], "AsyncTokenCredential"],
    links: Links | None = None,
    alerts: Callable[[], Alerts] | None = None,
) -> Delivery:
    """The delivery to everything that settings and policy name. `links` lead people to the app's pages, if any;
    `alerts` is where the status of security alerts is set."""
    channels: list[Channel] = [People(route, settings.environment, links) for route in policy.routes]
    if alerts is not None:
        channels.append(Defender(alerts))
    if settings.topic_endpoint:
        key = settings.topic_key
        channels.insert(
            0, EventGridTopic(settings.topic_endpoint, (lambda: AzureKeyCredential(key)) if key else credential)
        )
    return Delivery(store, channels)
