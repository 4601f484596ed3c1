"""Which controls an audit is about, and how they are put in groups."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from shared.control import Catalogue, Control, Severity
from shared.errors import Refused
from shared.frameworks import framework_keys
from shared.plan import Judge
from shared.policy import Policy
from shared.scope import Place
from shared.standards import frameworks
from shared.target import Kind


@dataclass(frozen=True, slots=True)
class Choice:
    """`framework` keeps what a standard asks for, and groups by its paragraphs; `domain` is a part of a domain's name,
    `severity` the least that counts. Nothing chosen is everything."""

    controls: tuple[str, ...] = ()
    framework: str = ""
    severity: Severity = Severity.LOW
    domain: str = ""

    def takes(self, control: Control) -> bool:
        """Whether the audit is about this control."""
        return (
            (not self.controls or control.id in self.controls)
            and control.severity >= self.severity
            and self.domain.lower() in control.domain.lower()
            and (not self.framework or self.framework in frameworks(control))
        )

    def groups(self, control: Control) -> tuple[str, ...]:
        """Under which headings the control stands: its domain, or the paragraphs of the framework."""
        return frameworks(control)[self.framework] if self.framework else (control.domain,)

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


def framework_named(text: str, catalogue: Catalogue) -> str:
    """The framework that a person means: `iso27001` for `iso-27001`, `pci` for `pci-dss-4.0`. Raises Refused."""
    known = sorted({name for one in catalogue.values() for name in frameworks(one.control)})
    found = [name for name in known if name == text or name in framework_keys(text)]
    if len(found) == 1:
        return found[0]
    if found:
        raise Refused(f"--framework {text}: say which of {', '.join(found)}")
    raise Refused(f"--framework {text}: no control is mapped to it; there are {', '.join(known)}")


def domain_named(text: str, catalogue: Catalogue) -> str:
    """The same text, if any control's domain has it. Raises Refused."""
    known = sorted({one.control.domain for one in catalogue.values()})
    if not any(text.lower() in name.lower() for name in known):
        raise Refused(f"--domain {text}: found in no domain; there are {'; '.join(known)}")
    return text


def in_order(headings: Iterable[str]) -> Sequence[str]:
    """Headings as people number them: 5.2.10 after 5.2.9."""
    return sorted(headings, key=lambda text: [_numbered(part) for part in _parts(text)])


def _numbered(part: str) -> tuple[bool, int, str]:
    return (False, int(part), "") if part.isdigit() else (True, 0, part)


def _parts(text: str) -> list[str]:
    return [part for part in re.split(r"(\d+)", text.lower()) if part]
