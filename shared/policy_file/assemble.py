"""From the file's shape to the policy: names are resolved, lines remembered, contradictions found."""

import hashlib
import json
from collections.abc import Iterable, Mapping

from shared.control import Catalogue
from shared.orders import Exemption
from shared.policy import Policy, Scope
from shared.policy.layer import Key
from shared.policy.spot import Spot
from shared.policy_file.document import Document, Path
from shared.policy_file.overlaps import note_overlaps
from shared.policy_file.sheet import ScopeSheet, Sheet
from shared.policy_file.sheet_exemptions import ExemptionSheet
from shared.policy_file.sheet_playbooks import playbook
from shared.policy_file.sheet_scopes import MatchSheet, selected
from shared.policy_file.wording import nearest
from shared.responses import CARDS

_AS_THEY_ARE = (
    *("version", "mode", "first_sight", "exempting", "breaker", "flapping", "blast_radius", "retention"),
    *("approvals", "failover", "operators", "trusted", "break_glass", "routes", "default_playbooks", "databases"),
)
_LAYER_KEYS = ("name", "mode", "first_sight", "controls")


def assemble(sheet: Sheet, document: Document, catalogue: Catalogue) -> Policy:
    """The policy; the document's problems say whether it may be used."""
    lines = _lines(document)
    scopes = tuple(_scope(document, sheet, index, lines.get(index, {})) for index in range(len(sheet.scopes)))
    note_overlaps(document, scopes)
    for kind, names in (
        ("scopes", [scope.name for scope in sheet.scopes]),
        ("routes", [route.name for route in sheet.routes]),
        ("trusted", [trusted.name for trusted in sheet.trusted]),
        ("playbooks", [one.name for one in sheet.playbooks]),
    ):
        _note_same_names(document, kind, names)
    _note_same_scopes(document, [one.scope for one in sheet.databases])
    same = {name: getattr(sheet, name) for name in _AS_THEY_ARE}
    return Policy(
        **same,
        controls=sheet.control_policies(),
        scopes=scopes,
        exemptions=_exemptions(document, sheet.exemptions, catalogue),
        playbooks=tuple(playbook(one, document, index) for index, one in enumerate(sheet.playbooks)),
        lines=lines.get(None, {}),
    )


def _lines(document: Document) -> Mapping[int | None, Mapping[Key, Spot]]:
    """Where each line of the policy itself (None) and of its scopes (by number) stands."""
    lines: dict[int | None, dict[Key, Spot]] = {}
    for path, spot in document.keys.items():
        if path[0] in _LAYER_KEYS or path[0] == "exemptions":
            lines.setdefault(None, {})[_key(path)] = spot
        elif path[0] == "scopes" and len(path) > 2 and path[2] in _LAYER_KEYS:
            lines.setdefault(int(path[1]), {})[_key(path[2:])] = spot
    return lines


def _key(path: Path) -> Key:
    return tuple(map(str, path))


def _scope(document: Document, sheet: Sheet, index: int, lines: Mapping[Key, Spot]) -> Scope:
    given: ScopeSheet = sheet.scopes[index]
    return Scope(
        mode=given.mode,
        first_sight=given.first_sight,
        controls=given.control_policies(),
        lines=lines,
        name=given.name,
        scope=given.match.scope,
        tags=selected(_tags(document, sheet, index, given.match)),
    )


def _tags(document: Document, sheet: Sheet, index: int, match: MatchSheet) -> Mapping[str, tuple[str, ...]]:
    if match.environment is None:
        return match.tags or {}
    if match.environment in sheet.environments:
        return sheet.environments[match.environment].tags
    text = f"unknown environment {match.environment!r}; {nearest(match.environment, sheet.environments)}"
    document.note(("scopes", index, "match", "environment"), text)
    return {}


def _exemptions(document: Document, given: Iterable[ExemptionSheet], catalogue: Catalogue) -> tuple[Exemption, ...]:
    found: dict[str, Exemption] = {}
    for index, sheet in enumerate(given):
        for number, control in enumerate(sheet.controls):
            if control not in catalogue and control not in CARDS:
                text = f"unknown control {control[:100]!r}; {nearest(control, [*catalogue, *CARDS])}"
                document.note(("exemptions", index, "controls", number), text)
        exemption = _exemption(sheet, str(document.near(("exemptions", index))))
        if exemption.id in found:
            text = f"found the same exemption a second time; the first is in {found[exemption.id].source}"
            document.note(("exemptions", index), text)
        found[exemption.id] = exemption
    return tuple(found.values())


def _exemption(sheet: ExemptionSheet, source: str) -> Exemption:
    what = [sheet.scope, sorted(sheet.tags.items()), sorted(sheet.controls), sheet.expires.isoformat()]
    # The same text in another line, or with another reason, is the same exemption: its owner hears of its end once.
    digest = hashlib.sha256(json.dumps(what).encode()).hexdigest()
    return Exemption(
        id=f"policy-{digest[:16]}",
        scope=sheet.scope or "",
        controls=sheet.controls,
        reason=sheet.reason,
        owner=sheet.owner,
        expires_at=sheet.expires,
        ticket=sheet.ticket,
        tags=sheet.tags,
        source=source,
    )


def _note_same_scopes(document: Document, scopes: list[str]) -> None:
    for index, scope in enumerate(scopes):
        if scope in scopes[:index]:
            document.note(("databases", index, "scope"), f"found a second line for {scope}; one signs in as one role")


def _note_same_names(document: Document, kind: str, names: list[str]) -> None:
    """Records and the outbox know things by their names."""
    for index, name in enumerate(names):
        if name in names[:index]:
            text = f"found a second {kind.removesuffix('s')} {name!r}; each needs its own name"
            document.note((kind, index, "name"), text)
