"""Microsoft.Authorization/locks: CanNotDelete and ReadOnly; `emulator.arm.locks` enforces them."""

from emulator.arm.call import Answer
from emulator.arm.locks import KIND
from emulator.arm.registry import Request
from emulator.errors import ArmError
from emulator.resources.answers import page
from emulator.resources.around.forms import Form
from emulator.resources.around.plain import Plain
from emulator.resources.around.scopes import near
from emulator.resources.settable import ITEMS, TEXT, Choice


def _list(request: Request) -> Answer:
    """Return the locks at, above and below a scope; with atScope() those at and above it."""
    text = request.call.query.get("$filter", "").replace(" ", "").lower()
    if text not in ("", "atscope()"):
        raise ArmError(400, "InvalidFilterInQueryString", f"The filter '{text}' in the query string is invalid.")
    return page([LOCKS.shown(request.world, one) for one in near(request, KIND, below=not text)])


_FORM = Form(
    {"level": Choice(("NotSpecified", "CanNotDelete", "ReadOnly")), "notes": TEXT, "owners": ITEMS},
    required=("properties.level",),
)
LOCKS = Plain(KIND, ("2016-09-01", "2017-04-01", "2020-05-01"), _FORM, listed=_list)
PLAIN = (LOCKS,)
