"""A resource type is one file: this one is an extension resource whose writes end at once."""

from emulator.app import Emulator
from emulator.arm.call import Answer
from emulator.arm.registry import Done, Nothing, Outcome, Request, ResourceType
from emulator.arm.store import Resource
from tests.emulator.arm_client import OPEN, bench_at
from tests.emulator.webhook import Webhook

_KIND = "Contoso.Notes/notes"
_NOTE = f"{OPEN}/providers/Contoso.Notes/notes/first"


def _get(request: Request) -> Answer:
    note = request.world.store.get(request.call.path)
    return Answer(404 if note is None else 200, note.body if note else {"error": {"code": "NoNote", "message": ""}})


def _put(request: Request) -> Outcome:
    note = Resource(request.call.path, _KIND, request.body)
    request.world.store.put(note)
    return Done(Answer(201, note.body))


def _delete(request: Request) -> Outcome:
    if request.world.store.get(request.call.path) is None:
        return Nothing()
    request.world.store.remove(request.call.path)
    return Done(Answer(200))


_TYPE = ResourceType(_KIND, ("2020-05-01",), get=_get, writes={"PUT": _put, "DELETE": _delete})


async def test_it_is_served_authorised_and_told(hook: Webhook) -> None:
    async with Emulator(more_types=[_TYPE]).running() as address, bench_at(address) as bench:
        await bench.control.send("POST", "/subscriptions", {"endpoint": hook.url})
        arm = await bench.arm("dana")
        assert (await (await bench.arm("auditor")).send("PUT", _NOTE, {}, version="2020-05-01")).status == 403
        assert (await arm.send("PUT", _NOTE, {"text": "hello"}, version="2020-05-01")).status == 201
        assert (await arm.get(_NOTE, version="2020-05-01")).body == {"text": "hello"}
        assert (await arm.send("DELETE", _NOTE, version="2020-05-01")).status == 200
        assert (await arm.send("DELETE", _NOTE, version="2020-05-01")).status == 204
        assert (await arm.send("PATCH", _NOTE, {}, version="2020-05-01")).status == 405
        operations = sorted(event["data"]["operationName"] for event in await hook.arrived(2))
    assert operations == ["Contoso.Notes/notes/delete", "Contoso.Notes/notes/write"]
