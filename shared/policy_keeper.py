"""Which policy is in force: the newest version that is right, wherever it is kept, and since when.

A version is adopted as a whole or refused as a whole. What was adopted is kept in the store, so that a broken version
is refused by new processes, too, and the last good one stays in force. Each refusal and each adoption is recorded once,
however many processes see it.
"""

import asyncio
import hashlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from shared.errors import BadPolicy, Conflict, StoreUnavailable
from shared.journal import Actor, NoticeKind, encode, now
from shared.policy import Policy
from shared.ports import Document, Store, read_document
from shared.stewardship import log as record

log = logging.getLogger("holdfast")

_LAST_GOOD, _REFUSED = "policy/last-good", "policy/refused"
_US = Actor("Holdfast")


@dataclass(frozen=True, slots=True)
class Fetched:
    """The files of one version, by name. `tag` changes when any of them does."""

    tag: str
    texts: Mapping[str, bytes]


class Source(Protocol):
    """Where the owner keeps the policy. What is known of it may be `stale_after` old: that is what a look costs."""

    @property
    def stale_after(self) -> timedelta:
        """How often to look again."""

    async def fetch(self, known: str) -> Fetched | None:
        """The files as they are now, or None while they still are what `known` (a tag) stands for.

        Raises BadPolicy when there is nothing to read, StoreUnavailable when it cannot be reached.
        """

    async def close(self) -> None:
        """Let go of connections."""


@dataclass(frozen=True, slots=True)
class Adopted:
    """A version that is, or was, in force."""

    digest: str
    at: datetime
    texts: Mapping[str, str] = field(default_factory=dict)


class PolicyKeeper:
    """Gives the policy in force. `load` checks texts, `check_moment` what depends on the time; both raise BadPolicy.

    Who does not `adopt` takes what others have in force; the source counts only where nobody has adopted anything.
    """

    def __init__(
        self,
        source: Source,
        store: Store,
        load: Callable[[Mapping[str, bytes]], Policy],
        check_moment: Callable[[Policy, datetime], None],
        clock: Callable[[], datetime] = now,
        *,
        adopts: bool = True,
    ) -> None:
        self._source, self._store = source, store
        self._load, self._check_moment, self._clock = load, check_moment, clock
        self._adopts = adopts
        self._looking = asyncio.Lock()
        self._policy: Policy | None = None
        self._digest = self._tag = ""
        self._looked_at: datetime | None = None

    async def current(self) -> Policy:
        """The policy in force. Raises BadPolicy where there never was a right one; StoreUnavailable."""
        if self._policy is None or self._is_old():
            async with self._looking:
                if self._policy is None or self._is_old():
                    await self._look()
        if self._policy is None:
            raise BadPolicy("no policy is in force")
        return self._policy

    async def close(self) -> None:
        """Let go of connections."""
        await self._source.close()

    def _is_old(self) -> bool:
        return self._looked_at is None or self._clock() - self._looked_at >= self._source.stale_after

    async def _look(self) -> None:
        if not self._adopts and await self._follow():
            self._looked_at = self._clock()
            return
        try:
            fetched = await self._fetched()
            if fetched is not None:
                await self._take(fetched)
        except (BadPolicy, StoreUnavailable) as error:
            await self._fall_back(error)
        self._looked_at = self._clock()

    async def _fetched(self) -> Fetched | None:
        """What the owner keeps; files that cannot be read are a version that is refused, too."""
        try:
            return await self._source.fetch(self._tag)
        except BadPolicy as error:
            if self._adopts:
                digest = hashlib.sha256(str(error).encode()).hexdigest()
                await self._refuse(digest, str(error), await self._store.document(_LAST_GOOD))
            raise

    async def _take(self, fetched: Fetched) -> None:
        digest = _digest(fetched.texts)
        if digest != self._digest:
            kept = await self._store.document(_LAST_GOOD)
            # What was in force stays usable although one of its exemptions has expired since.
            known = kept is not None and read_document(Adopted, kept).digest == digest
            try:
                policy = self._load(fetched.texts)
                if not known:
                    self._check_moment(policy, self._clock())
            except BadPolicy as error:
                if self._adopts:
                    await self._refuse(digest, str(error), kept)
                raise
            if self._adopts and not known:
                await self._adopt(digest, fetched.texts, kept)
            self._policy, self._digest = policy, digest
        self._tag = fetched.tag

    async def _follow(self) -> bool:
        """Take what is in force elsewhere, if anything is."""
        kept = await self._store.document(_LAST_GOOD)
        if kept is None:
            return False
        adopted = read_document(Adopted, kept)
        if adopted.digest != self._digest:
            self._policy = self._load({name: text.encode() for name, text in adopted.texts.items()})
            self._digest = adopted.digest
        return True

    async def _fall_back(self, error: BadPolicy | StoreUnavailable) -> None:
        """Stay with what is in force; a process that has nothing yet takes the last good version from the store."""
        log.warning("the policy stays as it is: %s", error)
        if self._policy is None and not await self._follow():
            raise error

    async def _adopt(self, digest: str, texts: Mapping[str, bytes], kept: Document | None) -> None:
        at = self._clock()
        adopted = Adopted(digest, at, {name: text.decode("utf-8-sig") for name, text in texts.items()})
        try:
            await self._store.write_document(_LAST_GOOD, encode(adopted), kept.version if kept else "")
        except Conflict:
            # Another process was quicker, and has recorded it.
            return
        names = ", ".join(sorted(texts))
        text = f"a {'new' if kept else 'first'} version of the policy is in force: {names} ({digest[:12]})"
        await record(self._store, _US, at, text, severity="low", quiet=kept is None)

    async def _refuse(self, digest: str, problems: str, kept: Document | None) -> None:
        """Tell that a version was refused, once."""
        told = await self._store.document(_REFUSED)
        if told is not None and told.body.decode() == digest:
            return
        try:
            await self._store.write_document(_REFUSED, digest.encode(), told.version if told else "")
        except Conflict:
            return
        stays = "nothing is done until it is mended"
        if kept is not None:
            adopted = read_document(Adopted, kept)
            stays = f"the version of {adopted.at:%Y-%m-%d %H:%M} UTC ({adopted.digest[:12]}) stays in force"
        text = f"a new version of the policy was refused; {stays}"
        await record(self._store, _US, self._clock(), text, NoticeKind.POLICY_REFUSED, "high", error=problems)


def _digest(texts: Mapping[str, bytes]) -> str:
    whole = hashlib.sha256()
    for name in sorted(texts):
        whole.update(f"{name}\0{len(texts[name])}\0".encode())
        whole.update(texts[name])
    return whole.hexdigest()
