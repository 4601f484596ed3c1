"""How many inputs each door is given, and the count of those that it was given.

The usual suite gives every law a few. `make fuzz` sets HOLDFAST_FUZZ to the number of inputs in all, of which every law
takes its share, in hundredths.
"""

import os
from collections import Counter
from collections.abc import Callable
from functools import wraps
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from tests.examples import examples

IN_ALL = int(os.environ.get("HOLDFAST_FUZZ", "0"))
COUNTS: Counter[str] = Counter()
_USUALLY = 20


def law[**P](
    door: str, share: float, *strategies: Any, **named: Any
) -> Callable[[Callable[P, None]], Callable[[], None]]:
    """A law of the door: tried with inputs of these strategies, each of which is counted when the law held."""
    wanted = max(1, round(IN_ALL * share / 100)) if IN_ALL else examples(_USUALLY)

    def decorated(tried: Callable[P, None]) -> Callable[[], None]:
        @wraps(tried)
        def counted(*args: P.args, **kwargs: P.kwargs) -> None:
            tried(*args, **kwargs)
            COUNTS[door] += 1

        limits = settings(max_examples=wanted, deadline=None, suppress_health_check=list(HealthCheck))
        tries: Callable[..., Any] = given(*strategies, **named)
        made: Callable[[], None] = limits(tries(counted))
        return pytest.mark.filterwarnings("ignore:Generating overly large repr")(made)

    return decorated
