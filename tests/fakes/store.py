"""A store in memory that keeps every promise of shared.ports.Store, and breaks down on demand.

Everything passes through JSON as in a real store, so a thing that does not survive the way is found here. Each method
reaches two points at which `interrupt` may raise: before anything was applied ("before commit"), and after it was,
when only the answer is lost ("after commit"). Other tasks may run at both points, never between them.
"""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shared.errors import LeaseLost, StoreUnavailable
from shared.journal import DeadLetter, Entry, Notice, Trigger, decode, encode, now
from shared.memory import Memory
from shared.ports import Commit, Document, Dossier, Lease, Pruned
from shared.store.documents import checked_name, checked_prefix, conflict, in_outbox_order, oldest_first
from shared.target import Subject, Target, parse_target


@dataclass(frozen=True, slots=True)
class Wake[S: Subject]:
    """A message in a queue, invisible until `due`."""

    due: datetime
    target: S


@dataclass(slots=True)
class Drawer:
    """What is kept of one target; dictionaries keep the order of arrival."""

    memory: bytes = field(default_factory=lambda: encode(Memory()))
    version: str = ""
    triggers: dict[str, bytes] = field(default_factory=dict)
    outbox: dict[str, bytes] = field(default_factory=dict)


class MemoryStore:
    """The fake. `down = True` makes every method raise StoreUnavailable; `calls` lists what was asked, in order."""

    def __init__(self, clock: Callable[[], datetime] = now) -> None:
        self.clock = clock
        self.reconcile: list[Wake[Target]] = []
        self.deliver: list[Wake[Subject]] = []
        self.sweep: list[Wake[Subject]] = []
        self.letters: dict[str, bytes] = {}
        self.down = False
        self.calls: list[str] = []
        self.interrupt: Callable[[str], None] = lambda _point: None
        self._drawers: dict[Subject, Drawer] = {}
        self._records: dict[str, dict[int, tuple[Subject, bytes]]] = {}
        self._documents: dict[str, Document] = {}
        self._leases: dict[str, tuple[Lease, float]] = {}
        self._tokens = itertools.count(1)

    # What the queue triggers would do

    def take_due[S: Subject](self, queue: list[Wake[S]]) -> list[S]:
        """Remove and return the targets whose message is visible now, the earliest first."""
        due = sorted((wake for wake in queue if wake.due <= self.clock()), key=lambda wake: wake.due)
        queue[:] = [wake for wake in queue if wake.due > self.clock()]
        return [wake.target for wake in due]

    # What a test sees without asking the store

    def memory_of(self, subject: Subject) -> Memory:
        """What is remembered at this moment."""
        return decode(Memory, self._drawers.get(subject, Drawer()).memory)

    def is_leased(self, name: str) -> bool:
        """Whether somebody holds the lease at this moment."""
        held = self._leases.get(name)
        return held is not None and held[0].expires_at > self.clock()

    def body_of(self, name: str) -> bytes | None:
        """What a document says at this moment."""
        found = self._documents.get(name)
        return found.body if found else None

    # The port

    async def remember(self, trigger: Trigger) -> None:
        """A trigger that already waits is kept once; a duplicate of a handled one is kept again: it costs one read."""
        async with self._operation("remember"):
            target = parse_target(trigger.target)
            self._drawer(target).triggers.setdefault(trigger.id, encode(trigger))
            self.reconcile.append(Wake(self.clock(), target))

    async def keep(self, trigger: Trigger) -> None:
        async with self._operation("keep"):
            self._drawer(parse_target(trigger.target)).triggers.setdefault(trigger.id, encode(trigger))

    async def wake_sweep(self, target: Subject, after_seconds: float = 0) -> None:
        async with self._operation("wake_sweep"):
            self.sweep.append(Wake(self.clock() + timedelta(seconds=after_seconds), target))

    async def wake(self, target: Target, after_seconds: float = 0) -> None:
        async with self._operation("wake"):
            self.reconcile.append(Wake(self.clock() + timedelta(seconds=after_seconds), target))

    async def wake_delivery(self, target: Subject, after_seconds: float = 0) -> None:
        async with self._operation("wake_delivery"):
            self.deliver.append(Wake(self.clock() + timedelta(seconds=after_seconds), target))

    async def acquire(self, name: str, seconds: float) -> Lease | None:
        if not 15 <= seconds <= 60:
            raise ValueError(f"a lease of {seconds} s, 15 to 60 expected")
        async with self._operation("acquire"):
            held = self._leases.get(name)
            if held and held[0].expires_at > self.clock():
                return None
            return self._keep(name, f"token-{next(self._tokens)}", seconds)

    async def renew(self, lease: Lease) -> Lease:
        async with self._operation("renew"):
            held = self._leases.get(lease.name)
            if held is None or held[0].token != lease.token or held[0].expires_at <= self.clock():
                raise LeaseLost(f"{lease.name}: the lease ended")
            return self._keep(lease.name, lease.token, held[1])

    async def release(self, lease: Lease) -> None:
        async with self._operation("release"):
            held = self._leases.get(lease.name)
            if held and held[0].token == lease.token:
                del self._leases[lease.name]

    async def load(self, target: Subject) -> Dossier:
        async with self._operation("load"):
            drawer = self._drawers.get(target, Drawer())
            return Dossier(
                memory=decode(Memory, drawer.memory),
                version=drawer.version,
                triggers=oldest_first(decode(Trigger, data) for data in drawer.triggers.values()),
                outbox=in_outbox_order(decode(Notice, data) for data in drawer.outbox.values()),
            )

    async def commit(self, target: Subject, version: str, commit: Commit) -> str:
        async with self._operation("commit"):
            drawer = self._drawer(target)
            if version != drawer.version:
                raise LeaseLost(f"{target}: version {version!r} was read, {drawer.version!r} is stored")
            self._append(target, commit.entries)
            drawer.memory = encode(commit.memory)
            drawer.version = str(int(version or "0") + 1)
            drawer.outbox |= {notice.id: encode(notice) for notice in commit.notices}
            for trigger_id in commit.handled:
                drawer.triggers.pop(trigger_id, None)
            if commit.notices:
                self.deliver.append(Wake(self.clock(), target))
            return drawer.version

    async def update_notice(self, target: Subject, notice: Notice) -> None:
        async with self._operation("update_notice"):
            outbox = self._drawer(target).outbox
            if notice.id in outbox:
                outbox[notice.id] = encode(notice)

    async def finish_notice(self, target: Subject, notice: Notice, entry: Entry) -> None:
        async with self._operation("finish_notice"):
            if notice.id in self._drawer(target).outbox:
                self._append(target, (entry,))
                del self._drawer(target).outbox[notice.id]

    async def document(self, name: str) -> Document | None:
        async with self._operation("document"):
            return self._documents.get(checked_name(name))

    async def documents(self, prefix: str, limit: int = 1000) -> list[Document]:
        async with self._operation("documents"):
            checked_prefix(prefix)
            names = sorted(name for name in self._documents if name.startswith(prefix))
            return [self._documents[name] for name in names[: max(0, limit)]]

    async def write_document(self, name: str, body: bytes, version: str = "") -> str:
        async with self._operation("write_document"):
            found = self._documents.get(checked_name(name))
            if version != (found.version if found else ""):
                raise conflict(name, version)
            self._documents[name] = Document(name, body, f"version-{next(self._tokens)}")
            return self._documents[name].version

    async def remove_document(self, name: str) -> None:
        async with self._operation("remove_document"):
            self._documents.pop(checked_name(name), None)

    async def record(self, record: str) -> list[Entry]:
        async with self._operation("record"):
            lines = self._records.get(record, {})
            return [decode(Entry, lines[number][1]) for number in sorted(lines)]

    async def history(self, target: Subject | None = None, limit: int = 100) -> list[Entry]:
        async with self._operation("history"):
            return [
                decode(Entry, lines[number][1])
                for _, lines in sorted(self._records.items(), reverse=True)
                for number in sorted(lines)
                if target in (None, lines[number][0])
            ][:limit]

    async def prune_records(self, before: datetime, limit: int, after: str = "") -> Pruned:
        async with self._operation("prune_records"):
            candidates = sorted(record for record in self._records if record > after)[:limit]
            old = [record for record in candidates if self._is_over(record, before)]
            for record in old:
                del self._records[record]
            return Pruned(len(old), candidates[-1] if len(candidates) == limit else "")

    async def prune_letters(self, before: datetime, limit: int) -> int:
        async with self._operation("prune_letters"):
            letters = sorted((decode(DeadLetter, data) for data in self.letters.values()), key=lambda one: one.at)
            old = [letter.id for letter in letters if letter.at < before][:limit]
            for id_ in old:
                del self.letters[id_]
            return len(old)

    def _is_over(self, record: str, before: datetime) -> bool:
        lines = self._records[record].values()
        drawers = [self._drawer(subject) for subject, _ in lines]
        named = {decode(Notice, data).report.record for drawer in drawers for data in drawer.outbox.values()}
        opened = [record in decode(Memory, drawer.memory).open_records for drawer in drawers]
        return record not in named and not any(opened) and all(decode(Entry, data).at < before for _, data in lines)

    async def bury(self, letter: DeadLetter) -> None:
        async with self._operation("bury"):
            self.letters[letter.id] = encode(letter)

    async def dead_letters(self, limit: int = 100) -> list[DeadLetter]:
        async with self._operation("dead_letters"):
            letters = [decode(DeadLetter, data) for data in self.letters.values()]
            return sorted(letters, key=lambda letter: letter.at, reverse=True)[:limit]

    async def unbury(self, letter_id: str) -> None:
        async with self._operation("unbury"):
            self.letters.pop(letter_id, None)

    async def ping(self) -> None:
        async with self._operation("ping"):
            return

    async def close(self) -> None:
        """Nothing is open."""

    # How it does it

    @asynccontextmanager
    async def _operation(self, name: str) -> AsyncIterator[None]:
        self.calls.append(name)
        await self._point(f"before {name}")
        yield
        await self._point(f"after {name}")

    async def _point(self, point: str) -> None:
        await asyncio.sleep(0)
        if self.down:
            raise StoreUnavailable("the store is down")
        self.interrupt(point)

    def _drawer(self, target: Subject) -> Drawer:
        return self._drawers.setdefault(target, Drawer())

    def _keep(self, name: str, token: str, seconds: float) -> Lease:
        lease = Lease(name, token, self.clock() + timedelta(seconds=seconds))
        self._leases[name] = (lease, seconds)
        return lease

    def _append(self, target: Subject, entries: tuple[Entry, ...]) -> None:
        keys = [(entry.record, entry.number) for entry in entries]
        taken = [key for key in keys if key[1] in self._records.get(key[0], {})]
        if taken or len(set(keys)) < len(keys):
            raise ValueError(f"records are append-only, and these numbers are taken: {taken or keys}")
        for entry in entries:
            self._records.setdefault(entry.record, {})[entry.number] = (target, encode(entry))
