"""A request and an answer, without any host's types; the headers of every answer; where a form came from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qs, urlsplit

from shared.errors import BadToken, Refused

_FORM = "application/x-www-form-urlencoded"
_LONGEST_BODY = 65536
_MOST_FIELDS = 20


@dataclass(frozen=True, slots=True)
class Request:
    """What a browser asks. Names of headers are in lower case; `values` are the variable parts of the route."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)

    @property
    def path(self) -> str:
        """The path of the address."""
        return _parts(self.url).path

    def query(self) -> dict[str, str]:
        """What is asked for in the address; what cannot be read there is nothing."""
        try:
            fields = parse_qs(_parts(self.url).query, max_num_fields=_MOST_FIELDS)
        except ValueError:
            return {}
        return {name: texts[0] for name, texts in fields.items()}

    def form(self) -> dict[str, str]:
        """The fields of a form. Raises Refused for anything that is none."""
        if self.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
            raise Refused("this is not the form of a page of ours")
        if len(self.body) > _LONGEST_BODY:
            raise Refused(f"the form is too long: at most {_LONGEST_BODY} bytes")
        try:
            fields = parse_qs(self.body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
        except ValueError as error:
            raise Refused("the form cannot be read") from error
        return {name: texts[0] for name, texts in fields.items()}


@dataclass(frozen=True, slots=True)
class Response:
    """What the browser gets."""

    status: int
    headers: Mapping[str, str]
    body: str = ""


def page_headers(style_hash: str, script_hash: str = "") -> dict[str, str]:
    """The headers of every page: it loads nothing, stands in no frame and stays in no cache. It runs nothing but the
    script with the given hash, which may ask this app and nobody else."""
    allowed = f"default-src 'none'; style-src '{style_hash}'; form-action 'self'"
    if script_hash:
        allowed += f"; script-src '{script_hash}'; connect-src 'self'"
    return {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": f"{allowed}; frame-ancestors 'none'; base-uri 'none'",
        # `no-referrer` would make browsers send `Origin: null` with our own forms. Other sites learn nothing anyway.
        "Referrer-Policy": "same-origin",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "X-Robots-Tag": "noindex",
    }


def must_be_from_our_page(request: Request, address: str) -> None:
    """Raises BadToken for a form that a page of another site has sent; browsers say where a form stood.

    `address` is where people reach the app: behind a gateway it is another host than the request names.
    """
    site = request.headers.get("sec-fetch-site", "same-origin")
    origin = _parts(request.headers.get("origin", ""))
    hosts = {_parts(url).netloc.lower() for url in (request.url, address) if url} - {""}
    secure = origin.scheme == "https" or origin.hostname in ("localhost", "127.0.0.1")
    if site != "same-origin" or not secure or origin.netloc.lower() not in hosts:
        raise BadToken("this form does not come from a page of this app; open the page itself and send it from there")


def _parts(url: str) -> SplitResult:
    """The parts of an address; of one that is none, empty ones: it is no address of ours."""
    try:
        return urlsplit(url)
    except ValueError:
        return SplitResult("", "", "", "", "")
