"""Where a running host can be reached, and with what keys."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import quote

from local_host.event_grid import PATH
from local_host.event_hubs import PATH as HUBS
from local_host.functions import EventGridTrigger, EventHubTrigger, Function
from local_host.keys import Keys


@dataclass(frozen=True, slots=True)
class Address:
    """`events` maps the name of each Event Grid function to its webhook, `hubs` that of each Event Hub function to the
    door for its batches."""

    http: str
    events: dict[str, str]
    hubs: dict[str, str]
    function_key: str = field(repr=False)
    master_key: str = field(repr=False)
    functions: tuple[str, ...]


def address_of(http: str, functions: Iterable[Function], keys: Keys) -> Address:
    """Put together the address of a host that listens at `http`."""
    listed = tuple(functions)
    code = f"&code={quote(keys.event_grid)}" if keys.event_grid else ""
    events = {
        function.name: f"{http}{PATH}?functionName={quote(function.name)}{code}"
        for function in listed
        if isinstance(function.trigger, EventGridTrigger)
    }
    hubs = {
        function.name: f"{http}{HUBS}?functionName={quote(function.name)}"
        for function in listed
        if isinstance(function.trigger, EventHubTrigger)
    }
    return Address(http, events, hubs, keys.function, keys.master, tuple(function.name for function in listed))
