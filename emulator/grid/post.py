"""The request that carries an event to where it goes."""

import base64
import json
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from emulator.body import Body


@dataclass(frozen=True, slots=True)
class Post:
    """What is posted where."""

    url: str
    body: bytes
    headers: dict[str, str]


def queue_message(address: str, event: Body) -> Post:
    """Put Message of the queue service (learn.microsoft.com, Queue service REST API), the event as base64 text.

    Event Grid writes one event in a message, never an array.
    """
    parts = urlsplit(address)
    url = urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/messages"))
    text = base64.b64encode(json.dumps(event).encode()).decode()
    body = f"<?xml version='1.0' encoding='utf-8'?><QueueMessage><MessageText>{text}</MessageText></QueueMessage>"
    return Post(url, body.encode(), {"Content-Type": "application/xml"})
