"""What can be done about a security alert. Each response judges the live state and proposes changes, as a control does;
the engine decides, writes, proves, records and takes back.

A response decides and cannot act: nothing here does any I/O.
"""

from collections.abc import Mapping

from shared.responses import (
    block_address,
    close_public_access,
    disable_login,
    lock_server,
    raise_logging,
    remove_administrator,
    tag_server,
    take_backup,
    throttle_connections,
)
from shared.responses.attack import Attack, attack_of
from shared.responses.response import Brief, Response

__all__ = ["CARDS", "RESPONSES", "Attack", "Brief", "Response", "attack_of"]

_ALL = (
    block_address.RESPONSE,
    close_public_access.RESPONSE,
    disable_login.RESPONSE,
    remove_administrator.RESPONSE,
    throttle_connections.RESPONSE,
    raise_logging.RESPONSE,
    take_backup.RESPONSE,
    tag_server.RESPONSE,
    lock_server.RESPONSE,
)
RESPONSES: Mapping[str, Response] = {one.id: one for one in _ALL}
CARDS = {one.id: one.remediator for one in _ALL}
"""The responses as a catalogue."""
