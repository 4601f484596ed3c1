"""`make bench`: Holdfast, the floor and the peer in turns against one fake Azure; writes docs/performance.md.

The peer, Cloud Custodian's Azure event handler, is measured where `make peer` has installed it.
"""

import argparse

from rich.console import Console
from rich.markdown import Markdown

from bench.measure import measure
from bench.report import PERFORMANCE, machine, write
from bench.tables import tables


def main() -> None:
    """Measure, print, and write the page."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--latency-ms", type=float, default=40)
    parser.add_argument("--servers", type=int, default=10_000, help="the greatest number of servers")
    parser.add_argument("--print", action="store_true", help="leave docs/performance.md as it is")
    given = parser.parse_args()
    errors, console = Console(stderr=True, highlight=False), Console(highlight=False, width=160)
    found = measure(given.rounds, given.latency_ms, given.servers, errors.print)
    made = {"machine": machine("make bench", found.load_before, found.load_after), **tables(found)}
    for name, text in made.items():
        console.print(Markdown(f"**{name}**\n\n{text}"))
    if not given.print:
        write(PERFORMANCE, made)


if __name__ == "__main__":
    main()
