"""Choosing among all controls, held or not."""

from dataclasses import dataclass

from rich.console import Console

from cli.entries import Entry, every_entry
from cli.options import Format
from cli.view import controls as view
from cli.view.written import written
from shared.errors import Refused
from shared.frameworks import FAMILIES, NAMES, framework_keys
from shared.policy_file.wording import nearest
from shared.settings import controls_path


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which controls somebody wants to see; what is empty does not count."""

    domain: str = ""
    kind: str = ""
    framework: str = ""
    severity: str = ""
    missing: bool = False

    @property
    def keys(self) -> tuple[str, ...]:
        """The frameworks that are meant. Raises Refused for an unknown one."""
        keys = framework_keys(self.framework)
        if self.framework and not keys:
            raise Refused(f"no framework is called {self.framework!r}; there are {', '.join((*NAMES, *FAMILIES))}")
        return keys

    def admits(self, entry: Entry) -> bool:
        """Whether the control is among them."""
        return all(
            (
                self.domain.lower() in entry.domain.lower(),
                not self.kind or self.kind in view.kind_words(entry),
                not self.framework or not entry.frameworks.keys().isdisjoint(self.keys),
                self.severity in ("", str(entry.severity)),
                not (self.missing and entry.held),
            )
        )


def listed(wanted: Wanted, format_: Format, out: Console) -> int:
    """List controls, and say how many of all are held."""
    every = every_entry(controls_path())
    domains = dict.fromkeys(entry.domain for entry in every)
    if not any(wanted.domain.lower() in domain.lower() for domain in domains):
        raise Refused(f"no domain has {wanted.domain!r} in its name; there are {'; '.join(domains)}")
    found = [entry for entry in every if wanted.admits(entry)]
    if format_ is not Format.TABLE:
        written(out, format_, [view.plain(entry) for entry in found])
        return 0
    out.print(view.missing(found) if wanted.missing else view.listing(found, wanted.keys))
    out.print(view.totals(found, every), soft_wrap=True)
    return 0


def show(control: str, format_: Format, out: Console) -> int:
    """Show one control whole."""
    every = {entry.id: entry for entry in every_entry(controls_path())}
    if control not in every:
        raise Refused(f"no control is named {control!r}; {nearest(control, every)}")
    if format_ is not Format.TABLE:
        written(out, format_, view.whole(every[control]))
    else:
        out.print(view.heading(every[control]), soft_wrap=True)
        out.print(view.sheet(every[control]))
    return 0
