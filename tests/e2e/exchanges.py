"""Every ARM exchange of the end-to-end tests, and what Microsoft's definitions say about each."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from tests.contracts import HELD, is_kept, is_recorded, restated, validator


@dataclass(frozen=True, slots=True)
class Verdict:
    """How many exchanges there were, and what is wrong with them."""

    count: int = 0
    polls: int = 0
    faults: tuple[str, ...] = ()


@dataclass
class Exchanges:
    """The logs of the emulators of one test process."""

    folder: Path
    _logs: list[Path] = field(default_factory=list)

    def log(self) -> Path:
        """A new file for one emulator."""
        self._logs.append(self.folder / f"exchanges-{len(self._logs)}.jsonl")
        return self._logs[-1]

    def lines(self) -> list[str]:
        """All exchanges so far."""
        return [line for log in self._logs if log.exists() for line in log.read_text(encoding="utf-8").splitlines()]

    def judged(self) -> Verdict:
        """Hold all exchanges so far against the definitions: answers invent nothing, requests are all known."""
        contracts = validator().Contracts()
        faults, polls = [], 0
        exchanges = [one for line in self.lines() if is_kept(one := restated(json.loads(line)))]
        for exchange in exchanges:
            report = contracts.check(exchange, strict=True)
            where = f"{exchange['method']} {exchange['url'][:160]}"
            polls += report.kind == "poll"
            faults += [f"{where}: {fault}" for fault in report.errors() if not is_recorded(fault, exchange["url"])]
            faults += [f"{where}: not among the definitions"] if report.kind not in HELD else []
        return Verdict(len(exchanges), polls, tuple(faults))
