"""Route templates of HTTP functions, as ASP.NET Core reads them.

`{name}` one segment, `{name?}` optional, `{name:int}` constrained, `{*rest}` everything that follows.
Case does not matter. (learn.microsoft.com, "Azure Functions HTTP trigger: customize the HTTP endpoint".)
"""

import re
from dataclasses import dataclass

from local_host.errors import AppNotLoaded

_CONSTRAINTS = {
    "int": r"-?\d+",
    "long": r"-?\d+",
    "alpha": r"[a-zA-Z]+",
    "bool": r"(?i:true|false)",
    "guid": r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
}
_PARAMETER = re.compile(r"\{(\*{0,2})(\w+)(?::(\w+))?(\?)?\}")


@dataclass(frozen=True, slots=True)
class Route:
    """A template made ready for matching; `literals` orders routes from specific to general."""

    pattern: re.Pattern[str]
    literals: int

    def values(self, path: str) -> dict[str, str] | None:
        """Return the route parameters when `path` (`/a/b`, no slash at its end) fits; None when not."""
        match = self.pattern.fullmatch(path)
        if match is None:
            return None
        return {name: value for name, value in match.groupdict().items() if value}


def route(template: str) -> Route:
    """Read a template."""
    segments = [segment for segment in template.strip("/").split("/") if segment]
    pattern = "".join(_segment(template, segment) for segment in segments)
    literals = sum(1 for segment in segments if "{" not in segment)
    return Route(re.compile(pattern, re.IGNORECASE), literals)


def _segment(template: str, segment: str) -> str:
    match = _PARAMETER.fullmatch(segment)
    if match is None:
        return "/" + re.escape(segment)
    star, name, constraint, optional = match.groups()
    if constraint is not None and constraint not in _CONSTRAINTS:
        raise AppNotLoaded(f"route {template}: constraint {constraint} is not known here")
    wanted = ".*" if star else _CONSTRAINTS.get(constraint or "", "[^/]+")
    part = f"/(?P<{name}>{wanted})"
    return f"(?:{part})?" if optional or star else part
