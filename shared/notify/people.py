"""Tells people through Apprise: Teams, Slack, mail, PagerDuty, webhooks and some hundred others.

An Apprise URL holds a secret. It is looked up when a message is sent and kept nowhere; neither it nor what Apprise
says about it gets into an error or a log, because Apprise quotes hosts and tokens.
"""

import asyncio
import logging
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from shared.errors import DeliveryFailed
from shared.journal import Notice
from shared.notify.address import address_for, addressed, has_place, is_personal
from shared.notify.letter import letter_for
from shared.notify.links import Links, NoLinks
from shared.notify.message import compose
from shared.notify.wanted import wanted
from shared.policy import Route

if TYPE_CHECKING:
    from apprise import Apprise, AppriseResult

_TIMEOUT_SECONDS = 20.0
# Apprise's own 4 s call a slow receiver a failure, and the message would be sent again and again.
_READ_SECONDS = 15.0
_HTTP_STATUS = re.compile(r"error=(\d{3})\b")


class People:
    """The channel of one route of the policy. `environment` holds the application settings."""

    def __init__(
        self,
        route: Route,
        environment: Mapping[str, str],
        links: Links | None = None,
        timeout_seconds: float = _TIMEOUT_SECONDS,
    ) -> None:
        self._route = route
        self._environment = environment
        self._links = links
        self._timeout_seconds = timeout_seconds

    @property
    def name(self) -> str:
        """The route's name."""
        return self._route.name

    def wants(self, notice: Notice) -> bool:
        """Whether the route's filters let the notice pass; what is quiet is not for people."""
        return not notice.quiet and wanted(self._route, notice)

    async def send(self, notice: Notice) -> None:
        """Send the message. Raises DeliveryFailed."""
        receiver = self._receiver(notice)
        # Whoever made the change is not asked to decide about it.
        message = compose(notice, NoLinks() if self._route.to_actor else self._links)
        letter = letter_for(receiver[0], message)
        try:
            async with asyncio.timeout(self._timeout_seconds):
                result = await receiver.async_notify(
                    title=letter.title,
                    body=letter.body,
                    body_format=letter.form,
                    notify_type=message.tone.value,
                )
        except TimeoutError:
            raise DeliveryFailed(f"no answer within {self._timeout_seconds:g} s") from None
        with result:
            if not result:
                raise DeliveryFailed(_reason(result))

    async def close(self) -> None:
        """Nothing stays open."""

    def _url(self, notice: Notice) -> str:
        setting = self._route.url_setting
        url = self._environment.get(setting, "").strip()
        if not url:
            raise DeliveryFailed(f"the application setting {setting} is missing or empty")
        if not is_personal(self._route):
            return url
        if not has_place(url):
            raise DeliveryFailed(f"the application setting {setting} does not say where the {{address}} goes")
        return addressed(url, address_for(self._route, notice.report))

    def _receiver(self, notice: Notice) -> "Apprise":
        url = self._url(notice)
        _silence()
        # Imported late: it costs 0.2 s, and most invocations send nothing.
        import apprise

        # Text from outside is text: no templates, no emoji names. No files on disk, no pictures from Apprise's site.
        asset = apprise.AppriseAsset(
            app_id="Holdfast",
            app_desc="Holdfast",
            allow_templates=False,
            interpret_emojis=False,
            storage_mode="memory",
            image_url_mask=None,
            image_url_logo=None,
        )
        receiver = apprise.Apprise(asset=asset)
        if not receiver.add(url) or len(receiver) != 1:
            setting = self._route.url_setting
            raise DeliveryFailed(f"the application setting {setting} does not hold one URL that Apprise understands")
        receiver[0].socket_read_timeout = max(receiver[0].socket_read_timeout, _READ_SECONDS)
        return receiver


def _silence() -> None:
    """Apprise logs hosts and tokens, urllib3 the paths that hold them; what matters is in our own errors."""
    for name in ("apprise", "urllib3"):
        logger = logging.getLogger(name)
        logger.propagate = False
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())


def _reason(result: "AppriseResult") -> str:
    """Only the HTTP status of what Apprise says is sure to hold no secret."""
    for entry in result.logs():
        status = _HTTP_STATUS.search(entry.message)
        if status:
            return f"the receiver answered HTTP {status[1]}"
    return "the receiver could not be reached, or refused the message"
