"""How many examples a law asks for: its own number in the usual profile, fewer in `quick`, more in `deep`."""

from hypothesis import settings

_USUAL = 100


def examples(usually: int) -> int:
    """So many in the usual profile; in any other in proportion, and always a few."""
    return max(5, usually * settings().max_examples // _USUAL)
