"""App settings come from the environment alone, as in Azure; bindings name them as `%NAME%`.

(learn.microsoft.com, "Azure Functions triggers and bindings: binding expressions".)
"""

import re
from collections.abc import Mapping

from local_host.errors import AppNotLoaded

_REFERENCE = re.compile(r"%([^%]+)%")


def resolved(expression: str, settings: Mapping[str, str]) -> str:
    """Return `expression` with every `%NAME%` replaced; an unset name stops the start."""

    def value_of(match: re.Match[str]) -> str:
        value = settings.get(match[1])
        if value is None:
            raise AppNotLoaded(f"{expression}: the app setting {match[1]} is not set")
        return value

    return _REFERENCE.sub(value_of, expression)
