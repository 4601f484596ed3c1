"""`python -m local_host`: run a function app until it is told to stop.

The first line on standard output is a JSON object with the addresses and keys; log lines follow on
standard error. SIGINT or SIGTERM stops taking work, lets invocations in flight finish, and exits with 0.
"""

import argparse
import asyncio
import contextlib
import json
import logging
import os
import signal
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from local_host.errors import HostError
from local_host.host import LocalHost
from local_host.keys import Keys
from local_host.logs import log_to_stderr
from local_host.options import Options
from local_host.queue_source import QueueSource
from local_host.sqlite_source import SqliteSource

if TYPE_CHECKING:
    from local_host.sign_in import SignIn


def main() -> None:
    """Run with the arguments of the command line."""
    arguments = _arguments().parse_args()
    sqlite: Path | None = arguments.sqlite and arguments.sqlite.resolve()
    arguments.sign_in = arguments.sign_in and arguments.sign_in.resolve()
    # apps may expect their own folder, as they get it in Azure
    os.chdir(arguments.app)
    logging.captureWarnings(capture=True)
    code = asyncio.run(_run(arguments, _queues(sqlite, arguments.storage)))
    sys.stdout.flush()
    sys.stderr.flush()
    # a synchronous function that never returns would keep an ordinary exit waiting
    os._exit(code)


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local_host", description="A local Functions host.")
    parser.add_argument("--app", type=Path, required=True, help="folder of function_app.py and host.json")
    parser.add_argument("--port", type=int, default=0, help="0, the default: any free one")
    store = parser.add_mutually_exclusive_group(required=True)
    store.add_argument("--sqlite", type=Path, help="file with the embedded queues")
    store.add_argument("--storage", help="connection string or queue service address of Azure Storage")
    parser.add_argument("--function-key", help="fresh if not given")
    parser.add_argument("--master-key", help="fresh if not given")
    parser.add_argument("--system-key", default="", help="demand this key of Event Grid deliveries")
    parser.add_argument("--sign-in", type=Path, metavar="FILE", help="let the people of this JSON file sign in")
    parser.add_argument("--no-timers", action="store_true", help="run timers only by hand")
    parser.add_argument("--lease-seconds", type=float, default=600.0, help="see Options")
    parser.add_argument("--drain-seconds", type=float, default=10.0, help="for invocations in flight")
    return parser


def _queues(sqlite: Path | None, storage: str) -> QueueSource:
    if sqlite is not None:
        return SqliteSource(sqlite)
    # the SDK takes a quarter of a second to import
    from local_host.storage_source import StorageSource

    return StorageSource(storage)


async def _run(arguments: argparse.Namespace, queues: QueueSource) -> int:
    told_to_stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, told_to_stop.set)
    try:
        host = LocalHost(Path.cwd(), queues, _options(arguments))
        log_to_stderr(host.current_invocation)
        async with contextlib.AsyncExitStack() as stack:
            # what an app prints while it is imported must not come before our first line
            with contextlib.redirect_stdout(sys.stderr):
                address = await stack.enter_async_context(host.running())
            print(json.dumps(asdict(address)), flush=True)
            await told_to_stop.wait()
    except HostError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _options(arguments: argparse.Namespace) -> Options:
    given = {"function": arguments.function_key, "master": arguments.master_key}
    keys = Keys(event_grid=arguments.system_key, **{name: key for name, key in given.items() if key})
    return Options(
        port=arguments.port,
        keys=keys,
        timers=not arguments.no_timers,
        lease_seconds=arguments.lease_seconds,
        drain_seconds=arguments.drain_seconds,
        sign_in=_sign_in(arguments.sign_in) if arguments.sign_in else None,
    )


def _sign_in(people: Path) -> "SignIn":
    # a host without sign-in starts faster
    from local_host.sign_in import SignIn, people_of

    return SignIn(people_of(people))


if __name__ == "__main__":
    main()
