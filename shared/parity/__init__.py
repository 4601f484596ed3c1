"""In what a copy differs from the server that it was made from. Pure: states in, drifts out."""

from shared.parity.compare import ASPECTS, differences
from shared.parity.pair import Aspect, Extras, Pair

__all__ = ["ASPECTS", "Aspect", "Extras", "Pair", "differences"]
