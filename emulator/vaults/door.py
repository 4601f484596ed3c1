"""The way of one request to a key vault: which vault, whose token, may they, answer, log.

A vault is reached by its own host name, for clients that resolve names themselves, and under `/vaults/NAME` of the
emulator's address. Errors are those of the service as far as recorded; the others are remembered, not verified.
"""

from dataclasses import dataclass

from aiohttp import web

from emulator.access import Caller
from emulator.arm.call import Answer, Call
from emulator.arm.calls import Calls
from emulator.arm.exchange_log import ExchangeLog
from emulator.arm.faults import Faults
from emulator.arm.store import Resource
from emulator.arm.wire import read_body, read_call, refusal, response
from emulator.body import dig
from emulator.errors import ArmError
from emulator.resources.around import key_vaults
from emulator.tokens import Tokens
from emulator.vaults import keys
from emulator.world import World

AUDIENCES = {"https://vault.azure.net"}
_VERSIONS = ("7.0", "7.1", "7.2", "7.3", "7.4", "7.5", "2025-07-01")
_SUFFIX = ".vault.azure.net"
_NO_TOKEN = "AKV10000: Request is missing a Bearer or PoP token."  # noqa: S105  a message
_NO_POLICY = "The user, group or application '{}' does not have keys {} permission on key vault '{}'."
_CLOSED = (
    "Public network access is disabled and request is not from a trusted service nor via an approved private link."
)


@dataclass(frozen=True, slots=True)
class Way:
    """What may be done: the function that answers, the data action of RBAC, and the word of an access policy."""

    answer: keys.Answering
    action: str
    permission: str


_KEYS, _POLICY = "Microsoft.KeyVault/vaults/keys", "Microsoft.KeyVault/vaults/keyrotationpolicies"
_LIST = Way(keys.list_keys, f"{_KEYS}/read", "list")
_VERSIONS_OF = Way(keys.list_versions, f"{_KEYS}/read", "list")
_GET = Way(keys.get, f"{_KEYS}/read", "get")
# method and the word after the key's name
_WAYS = {
    ("GET", "versions"): _VERSIONS_OF,
    ("GET", "rotationpolicy"): Way(keys.get_policy, f"{_POLICY}/read", "getrotationpolicy"),
    ("PUT", "rotationpolicy"): Way(keys.put_policy, f"{_POLICY}/write", "setrotationpolicy"),
    ("POST", "create"): Way(keys.create, f"{_KEYS}/create/action", "create"),
    ("POST", "rotate"): Way(keys.rotate, f"{_KEYS}/rotate/action", "rotate"),
}
_UPDATE = Way(keys.update, f"{_KEYS}/update/action", "update")


def is_for_a_vault(request: web.Request) -> bool:
    """Whether a request is for the data plane of a vault."""
    return request.url.host is not None and request.url.host.lower().endswith(_SUFFIX)


class VaultDoor:
    """Answers every request to a key vault."""

    def __init__(self, world: World, tokens: Tokens, faults: Faults, calls: Calls, log: ExchangeLog) -> None:
        self._world = world
        self._tokens = tokens
        self._faults = faults
        self._calls = calls
        self._log = log

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        call = _as_the_vault_has_it(read_call(request))
        try:
            call.body = await read_body(request)
            answer = self._serve(call)
        except ArmError as error:
            answer = refusal(error)
        self._log.write(call, answer)
        self._calls.answered(call, answer)
        return response(answer)

    def _serve(self, call: Call) -> Answer:
        words = tuple(word for word in call.path.split("/") if word)
        call.who = self._caller(call)
        suffered = self._faults.hit(call)
        if suffered.error is not None:
            raise suffered.error
        if call.api_version not in _VERSIONS:
            raise ArmError(400, "BadParameter", f"The specified version ({call.api_version}) is not recognized.")
        vault = key_vaults.find(self._world, call.base_url.removeprefix("https://").removesuffix(_SUFFIX))
        if vault is None or words[:1] != ("keys",):  # a client would not even find the host
            raise ArmError(404, "NotFound", f"There is no {call.base_url}{call.path}.")
        way = _way(call.method, words[1:])
        call.operation = way.action
        _require(vault, way, call.who)
        return Answer(200, way.answer(keys.Asked(self._world, vault, words[1:], call.body or {})))

    def _caller(self, call: Call) -> Caller:
        try:
            _, caller = self._tokens.read(call.headers.get("Authorization", ""), AUDIENCES)
        except ArmError as error:
            authority = f"https://login.microsoftonline.com/{self._world.fleet.tenant_id}"
            challenge = f'Bearer authorization="{authority}", resource="https://vault.azure.net"'
            headers = {"WWW-Authenticate": challenge}
            text = error.message if call.headers.get("Authorization") else _NO_TOKEN
            raise ArmError(401, "Unauthorized", text, headers) from error
        return caller


def _as_the_vault_has_it(call: Call) -> Call:
    """Turn /vaults/NAME/keys of the emulator into /keys of the vault's own host."""
    head, _, tail = call.path.removeprefix("/vaults/").partition("/")
    if call.path.startswith("/vaults/"):
        call.base_url = f"https://{head.lower()}{_SUFFIX}"
        call.path = f"/{tail}"
        call.raw_path = call.raw_path.split(head, 1)[1]
    else:
        call.base_url = call.base_url.partition(_SUFFIX)[0] + _SUFFIX
    return call


def _way(method: str, words: tuple[str, ...]) -> Way:
    if not words and method == "GET":
        return _LIST
    found = _WAYS.get((method, words[1])) if len(words) == 2 else None
    if found is not None:
        return found
    plain = {"GET": _GET, "PATCH": _UPDATE}.get(method)
    if plain is None or not 1 <= len(words) <= 2:
        raise ArmError(405, "MethodNotAllowed", f"{method} is not served here.")
    return plain


def _require(vault: Resource, way: Way, caller: Caller) -> None:
    its, who = vault.properties, caller.principal
    if its.get("publicNetworkAccess") == "Disabled":
        raise ArmError(403, "Forbidden", _CLOSED)
    if its.get("enableRbacAuthorization"):
        if any(grant.allows_data_at(way.action, vault.id) for grant in caller.grants):
            return
        text = f"Caller is not authorized to perform action on resource. Action: '{way.action}'"
        raise ArmError(403, "Forbidden", text)
    mine = [one for one in its.get("accessPolicies") or [] if one["objectId"].lower() == who.object_id]
    held = {str(word).lower() for one in mine for word in dig(one, "permissions.keys") or []}
    if not held & {way.permission, "all"}:
        raise ArmError(403, "Forbidden", _NO_POLICY.format(who.object_id, way.permission, vault.name))
