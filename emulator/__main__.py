"""`python -m emulator`: prints one JSON line with addresses and secrets, then serves until SIGINT or SIGTERM."""

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from pydantic import ValidationError

from emulator.app import Emulator
from emulator.fleet import DEFAULT_FLEET, Fleet, FleetError
from emulator.grid.subscriptions import SubscriptionSpec
from emulator.settings import Settings

_OPTIONS = {  # names of Settings that the command line can set
    "port": int,
    "plain_port": int,
    "operation_seconds": float,
    "retry_after_seconds": int,
    "activity_log_lag_seconds": float,
    "time_scale": float,
    "handshake_seconds": float,
    "exchange_log": Path,
    "ca_file": Path,
}


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m emulator", description=__doc__)
    parser.add_argument("--fleet", type=Path, default=DEFAULT_FLEET, help="YAML or JSON; default a small bank")
    for name, kind in _OPTIONS.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=kind, help=f"see Settings.{name}")
    parser.add_argument("--resource-notifications", action="store_true", help="also emit ResourceNotifications events")
    parser.add_argument("--subscribe", action="append", default=[], metavar="URL", help="webhook that gets all events")
    parser.add_argument("--cloud-events", action="store_true", help="deliver CloudEvents 1.0 to those webhooks")
    return parser.parse_args(argv)


def _emulator(given: argparse.Namespace) -> Emulator:
    values = {name: getattr(given, name) for name in _OPTIONS if getattr(given, name) is not None}
    settings = Settings(resource_notifications=given.resource_notifications, **values)
    schema = "CloudEventSchemaV1_0" if given.cloud_events else "EventGridSchema"
    specs = [
        SubscriptionSpec.model_validate({"name": f"subscription-{place}", "endpoint": url, "schema": schema})
        for place, url in enumerate(given.subscribe, 1)
    ]
    return Emulator(Fleet.load(given.fleet), settings, specs)


async def _serve(emulator: Emulator) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(one, stop.set)
    async with emulator.running() as address:
        print(address.line(), flush=True)
        await stop.wait()


def main(argv: list[str] | None = None) -> int:
    """Run until a signal comes; return the exit code."""
    try:
        emulator = _emulator(_arguments(argv))
    except (FleetError, ValidationError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    asyncio.run(_serve(emulator))
    return 0


if __name__ == "__main__":
    sys.exit(main())
