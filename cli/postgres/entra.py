"""Who decides about tokens at a plain PostgreSQL's door, as Azure's own server does with Entra.

PostgreSQL hands the password, which is the token, to this LDAP server (`ldap` in pg_hba.conf); a simple bind that
succeeds lets the role in. Only BindRequest is understood (RFC 4511, 4.2). What a token says is read, its signature is
not: nobody but the emulated Azure could check it.
"""

import base64
import json
import socketserver
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

AUDIENCE = "https://ossrdbms-aad.database.windows.net"
PREFIX, SUFFIX = "cn=", ",o=entra"
_BIND, _BIND_RESPONSE = 0x60, 0x61
_SUCCESS, _INVALID_CREDENTIALS = 0, 49

type Accepts = Callable[[str, str], bool]
"""Whether this token opens the door for the role of this name."""


class Bouncer:
    """Listens on 127.0.0.1 and asks `accepts` about everybody who knocks; which roles exist, PostgreSQL knows."""

    def __init__(self, accepts: Accepts) -> None:
        self.accepts = accepts
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    @contextmanager
    def listening(self) -> Iterator["Bouncer"]:
        """Answer while the block runs."""
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join()


def tokens_of(principals: Mapping[str, str]) -> Accepts:
    """Takes the tokens of these principals: role to object id."""

    def accepts(role: str, token: str) -> bool:
        claims = claims_in(token)
        right = claims.get("oid") == principals.get(role) is not None
        return right and str(claims.get("aud")).rstrip("/") == AUDIENCE and float(claims.get("exp", 0)) > time.time()

    return accepts


def claims_in(token: str) -> Mapping[str, str]:
    """What a token says; nothing where it is none."""
    try:
        payload = token.split(".")[1]
        found = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _handler(bouncer: Bouncer) -> type[socketserver.StreamRequestHandler]:
    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            while (message := _message(self.rfile.read)) is not None:
                number, operation, body = message
                if operation != _BIND:
                    return
                _, rest = _element(body)
                name, rest = _element(rest)
                secret, _ = _element(rest)
                role = name.decode().removeprefix(PREFIX).removesuffix(SUFFIX)
                code = _SUCCESS if bouncer.accepts(role, secret.decode()) else _INVALID_CREDENTIALS
                answer = bytes([0x0A, 1, code, 0x04, 0, 0x04, 0])
                body = _wrapped(0x02, number) + _wrapped(_BIND_RESPONSE, answer)
                self.wfile.write(_wrapped(0x30, body))

    return Handler


def _message(read: Callable[[int], bytes]) -> tuple[bytes, int, bytes] | None:
    """The number, the kind and the body of the next message; None at the end."""
    head = read(2)
    if len(head) < 2:
        return None
    length = head[1]
    if length & 0x80:
        length = int.from_bytes(read(length & 0x7F))
    number, rest = _element(read(length))
    return number, rest[0], _element(rest)[0]


def _element(data: bytes) -> tuple[bytes, bytes]:
    """The content of the first element, and what comes after it (BER, definite lengths)."""
    length, start = data[1], 2
    if length & 0x80:
        start += length & 0x7F
        length = int.from_bytes(data[2:start])
    return data[start : start + length], data[start + length :]


def _wrapped(tag: int, content: bytes) -> bytes:
    return bytes([tag, len(content)]) + content
