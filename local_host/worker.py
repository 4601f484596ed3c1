"""Microsoft's own worker library, run in this process. The only module that imports it.

`azure-functions-runtime` is what Azure itself runs on Python 3.13 and later. Indexing, decoding of
trigger values, the call, and encoding of results are its code; a worker in Azure differs in being a
process of its own behind gRPC. Its registry is global: one app per process.
"""

import logging
import sys
import traceback
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import azure_functions_runtime as runtime
from azure_functions_runtime.native_invocation import invocation_request_native
from azure_functions_runtime.utils.executor import invocation_id_cv

from local_host.datum import Datum, Metadata
from local_host.errors import AppNotLoaded
from local_host.protos import PROTOS, StatusResult


@dataclass(frozen=True, slots=True)
class Indexed:
    """A function as the worker library reports it; `bindings` are JSON objects."""

    name: str
    id: str
    bindings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an invocation ended; `error` and `trace` are empty when it went well."""

    ok: bool
    returned: Datum | None = None
    outputs: tuple[tuple[str, Datum], ...] = ()
    error: str = ""
    trace: str = ""


async def load(app_dir: Path) -> tuple[Indexed, ...]:
    """Index the app whose function_app.py lies in `app_dir`."""
    _leave_failures_to_the_host()
    sys.path.insert(0, str(app_dir))
    runtime.start_threadpool_executor()
    init = SimpleNamespace(capabilities={}, function_app_directory=str(app_dir))
    request = SimpleNamespace(
        request=SimpleNamespace(worker_init_request=init),
        properties={"host": "127.0.0.1", "protos": PROTOS},
    )
    answer = await runtime.worker_init_request(request)
    if answer.result.status != StatusResult.Success:
        raise AppNotLoaded(f"{answer.result.exception.message}\n{answer.result.exception.stack_trace}")
    listed = (await runtime.functions_metadata_request(request)).function_metadata_results
    if not listed:
        raise AppNotLoaded(f"{app_dir}: function_app.py is missing or defines no function")
    return tuple(Indexed(each.name, each.function_id, tuple(each.raw_bindings)) for each in listed)


async def call(
    function_id: str, invocation_id: str, param: str, value: Datum, metadata: Metadata, trace_parent: str
) -> Outcome:
    """Run the function once. Its failure is an outcome; only cancellation comes out as an exception."""
    try:
        ok, returned, outputs, error, trace = await invocation_request_native(
            invocation_id, function_id, [(param, value)], metadata, trace_parent
        )
    except SystemExit as error_:  # `sys.exit()` in a function must not end the host
        return Outcome(ok=False, error=repr(error_), trace=traceback.format_exc())
    if not ok:
        return Outcome(ok=False, error=error, trace=trace)
    named = tuple((name, Datum(out.value, out.type)) for name, out in outputs)
    return Outcome(ok=True, returned=_plain(returned), outputs=named)


def current_invocation_id() -> str | None:
    """Return the id of the invocation this code runs in, in its task or in its worker thread."""
    current: str | None = invocation_id_cv.get()
    return current


def stop() -> None:
    """Start no more synchronous functions; those still running cannot be stopped from outside."""
    pool = runtime.get_threadpool_executor()
    if pool is not None:
        pool.shutdown(wait=False, cancel_futures=True)


def _plain(returned: Datum | None) -> Datum | None:
    return None if returned is None else Datum(returned.value, returned.type)


def _leave_failures_to_the_host() -> None:
    # the library logs a failed call without saying which function failed; the host says it all
    logging.getLogger("azure.functions").addFilter(
        lambda record: record.msg not in {"Native invocation failed", "Native sync invocation failed"}
    )
