"""Which controls an audit is about, and how they are put in groups."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from shared.control import Catalogue, Control, Severity
from shared.control_ids import DOMAINS
from shared.errors import Refused
from shared.frameworks import FAMILIES, NAMES, framework_keys
from shared.plan import Judge
from shared.policy import Policy
from shared.scope import Place
from shared.standards import frameworks
from shared.target import Kind


@dataclass(frozen=True, slots=True)
class Choice:
    """`frameworks` keep what standards ask for, and a single one groups by its paragraphs; `domain` is a part of a
    domain's name, `severity` the least that counts. Nothing chosen is everything."""

    controls: tuple[str, ...] = ()
    frameworks: tuple[str, ...] = ()
    severity: Severity = Severity.LOW
    domain: str = ""

    @property
    def framework(self) -> str:
        """The framework by which is grouped; empty: by domain."""
        return self.frameworks[0] if len(self.frameworks) == 1 else ""

    def takes(self, control: Control) -> bool:
        """Whether the audit is about this control."""
        return self._takes(control.id, control.severity, control.domain, frameworks(control))

    def groups(self, control: Control) -> tuple[str, ...]:
        """Under which headings the control stands: its domain, or the paragraphs of the framework."""
        return frameworks(control)[self.framework] if self.framework else (control.domain,)

    def _takes(self, name: str, severity: Severity, domain: str, asked: Mapping[str, tuple[str, ...]]) -> bool:
        return (
            (not self.controls or name in self.controls)
            and severity >= self.severity
            and self.domain.lower() in domain.lower()
            and (not self.frameworks or not asked.keys().isdisjoint(self.frameworks))
        )

    def of(self, catalogue: Catalogue, policy: Policy, kind: Kind) -> tuple[Control, ...]:
        """The chosen controls that speak about this kind of server."""
        cards = (one.control for one in catalogue.values())
        return tuple(card.on(kind, *policy.told(card)) for card in cards if kind in card.kinds and self.takes(card))

    def judges(self, catalogue: Catalogue, policy: Policy, place: Place) -> tuple[Judge, ...]:
        """The same as judges, whatever the policy's mode, with its parameters for this place."""
        kind, rule_of = place.target.kind, policy.rules(place)
        chosen = (one for one in catalogue.values() if kind in one.control.kinds and self.takes(one.control))
        ruled = ((one, rule_of(one.control)) for one in chosen)
        return tuple(Judge(one.on(kind, rule.parameters), rule) for one, rule in ruled)


def frameworks_named(text: str) -> tuple[str, ...]:
    """The frameworks that a person means: `pci-dss` is `pci`, `cis` all its versions. Raises Refused."""
    found = framework_keys(text)
    if not found:
        raise Refused(f"--framework {text}: found no such framework, wanted one of {', '.join((*NAMES, *FAMILIES))}")
    return found


def domain_named(text: str, catalogue: Catalogue) -> str:
    """The same text, if any domain has it in its name. Raises Refused."""
    domains = dict.fromkeys((*DOMAINS, *(one.control.domain for one in catalogue.values())))
    if not any(text.lower() in name.lower() for name in domains):
        raise Refused(f"--domain {text}: found in no domain's name; there are {'; '.join(domains)}")
    return text


def in_order(headings: Iterable[str]) -> Sequence[str]:
    """Headings as people number them: 5.2.10 after 5.2.9."""
    return sorted(headings, key=lambda text: [_numbered(part) for part in _parts(text)])


def _numbered(part: str) -> tuple[bool, int, str]:
    return (False, int(part), "") if part.isdigit() else (True, 0, part)


def _parts(text: str) -> list[str]:
    return [part for part in re.split(r"(\d+)", text.lower()) if part]
