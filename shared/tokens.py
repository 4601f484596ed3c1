"""Signed texts that come back to us: links in messages, hidden fields in forms.

A token says for what it was made, holds a few short texts, and ends at a moment. Nobody without a key can make one or
change it, and one made for a link is worth nothing in a form. The only module that imports itsdangerous.
"""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256

from itsdangerous import BadData, URLSafeSerializer

from shared.errors import BadToken, Conflict, ExpiredToken, StoreUnavailable
from shared.ports import Store

_KEY = "signing-key"
_KEY_BYTES = 32


class Use(StrEnum):
    """What a token is good for. The value is part of its signature."""

    APPROVAL_LINK = "holdfast/approval-link"
    FORM = "holdfast/form"


class Tokens:
    """Makes and reads tokens. The first key signs, all of them verify, so that keys can be changed one by one."""

    def __init__(self, keys: Sequence[str]) -> None:
        # itsdangerous takes the newest key last.
        self._keys = list(reversed(keys))

    def made(self, use: Use, texts: Sequence[str], expires_at: datetime) -> str:
        """A token; the same texts and moment give the same one."""
        return self._serializer(use).dumps([int(expires_at.timestamp()), *texts])

    def read(self, use: Use, token: str, at: datetime) -> tuple[str, ...]:
        """The texts of a token. Raises BadToken, and ExpiredToken for one that we made but whose time is over."""
        try:
            ends, *texts = self._serializer(use).loads(token)
        except (BadData, UnicodeEncodeError) as error:
            raise BadToken("we did not make this link, or it was changed or cut off on its way") from error
        if at.timestamp() >= ends:
            raise ExpiredToken(f"its time was over at {datetime.fromtimestamp(ends, UTC):%Y-%m-%d %H:%M} UTC")
        return tuple(texts)

    def _serializer(self, use: Use) -> URLSafeSerializer:
        hmac_sha256 = {"key_derivation": "hmac", "digest_method": sha256}
        return URLSafeSerializer(self._keys, salt=use.value, signer_kwargs=hmac_sha256)


async def tokens_of(keys: Sequence[str], store: Store) -> Tokens:
    """Tokens under the keys of the settings; where there are none, under one that all instances find in the store."""
    return Tokens(keys or [await _kept_key(store)])


async def _kept_key(store: Store) -> str:
    document = await store.document(_KEY)
    if document is None:
        fresh = secrets.token_urlsafe(_KEY_BYTES)
        try:
            await store.write_document(_KEY, fresh.encode())
        except Conflict:
            # Another instance was first: its key is the key.
            document = await store.document(_KEY)
        else:
            return fresh
    if document is None:
        raise StoreUnavailable("the signing key was removed while it was made; try again")
    return document.body.decode()
