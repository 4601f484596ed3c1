"""Makes pages from templates. The only module that imports Jinja2.

Whatever is put into a template is text there, also when it looks like mark-up.
"""

import base64
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from shared.web.http import Response, page_headers

_TEMPLATES = Path(__file__).with_name("templates")


def page(template: str, status: int = 200, *, live: bool = False, **shown: object) -> Response:
    """The page that the template makes of what is to be shown; a `live` one keeps itself up to date with our script."""
    environment, style_hash, script_hash = _environment()
    headers = page_headers(style_hash, script_hash if live else "")
    return Response(status, headers, environment.get_template(template).render(live=live, **shown))


def document(template: str, **shown: object) -> Iterator[str]:
    """A page that stands for itself, as a file: piece by piece, so that it may be longer than there is memory."""
    environment, _, _ = _environment()
    return environment.get_template(template).generate(**shown)


def redirect(path: str) -> Response:
    """Send the browser to a page of ours with a GET."""
    _, style_hash, _ = _environment()
    return Response(303, {**page_headers(style_hash), "Location": path})


@cache
def _environment() -> tuple[Environment, str, str]:
    """The templates, and the hashes that let our own style sheet and script, and no others, work."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style, audit_style, script = (
        (_TEMPLATES / name).read_text(encoding="utf-8") for name in ("style.css", "audit.css", "live.js")
    )
    environment.globals["style"] = Markup(style)  # noqa: S704 - our own file, and it has to stay as it was hashed
    environment.globals["audit_style"] = Markup(audit_style)  # noqa: S704 - our own file
    environment.globals["script"] = Markup(script)  # noqa: S704 - our own file, as it was hashed
    return environment, _hash(style), _hash(script)


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(sha256(text.encode()).digest()).decode()}"
