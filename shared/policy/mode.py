"""How much may be done about a drift, and how far the catalogue lets a default go."""

from enum import StrEnum

from shared.control import Disposition


class Mode(StrEnum):
    """What Holdfast may do about a drift, from nothing to everything."""

    OFF = "off"
    AUDIT = "audit"
    NOTIFY = "notify"
    APPROVE = "approve"
    ENFORCE = "enforce"

    @property
    def rank(self) -> int:
        """Position on the scale."""
        return _RANKS[self]


_RANKS = {mode: rank for rank, mode in enumerate(Mode)}
_CAP = {
    Disposition.AUTO: Mode.ENFORCE,
    Disposition.APPROVAL: Mode.APPROVE,
    Disposition.NOTIFY: Mode.NOTIFY,
}


def least(*modes: Mode) -> Mode:
    """The mode that does least."""
    return min(modes, key=lambda mode: mode.rank)


def capped(mode: Mode, disposition: Disposition) -> Mode:
    """A default, held back by the catalogue: where it asks for a person, `enforce` asks too."""
    return least(mode, _CAP[disposition])
