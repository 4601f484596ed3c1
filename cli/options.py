"""What commands have in common: their connection, their formats, and how they are run.

Only cheap imports here and in the modules of the commands: `holdfast --help` and completion in a shell pass through all
of them. What a command does is in `cli.work`, which is imported when the command runs.
"""

import functools
import inspect
import sys
from collections.abc import Awaitable, Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from cli.desk import Desk

LOOK, ACT, TRY = "Look", "Act", "Try it"
"""Where commands stand in the help."""

type Work = Callable[["Desk"], Awaitable[int]]
"""What a command does, and its exit code."""
type Answer = Callable[["Console"], int]
"""The same for a command that needs neither Azure nor a store."""

type Needed = Callable[[Mapping[str, Any]], bool]
"""Whether a command needs its connection, by its own options and arguments."""


class Format(StrEnum):
    """How an answer is written."""

    TABLE = "table"
    JSON = "json"
    YAML = "yaml"
    CSV = "csv"


class AuditFormat(StrEnum):
    """How an audit is written."""

    TABLE = "table"
    JSON = "json"
    OCSF = "ocsf"
    HTML = "html"
    JUNIT = "junit"
    CSV = "csv"


class SeverityWord(StrEnum):
    """How bad it is while a control does not hold."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


FormatOption = Annotated[Format, typer.Option("--format", help="For people or programs; csv: a row for each item.")]
TargetArgument = Annotated[str, typer.Argument(help="A server: its name where only one has it, or its ARM id.")]
HereOption = Annotated[
    bool, typer.Option("--here", help="Do it in this process with your own rights, where no app runs.")
]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why; it stands in the record and in messages.")]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask; needed where there is no terminal.")]
WaitOption = Annotated[float, typer.Option("--wait", min=0, help="Seconds to wait for what comes of it.")]
ControlOption = Annotated[list[str] | None, typer.Option("--control", help="Only this control; can be repeated.")]

_PANEL = "Connection"
_CONNECTION = {
    "connect": Annotated[
        Path | None,
        typer.Option(
            envvar="HOLDFAST_CONNECT",
            rich_help_panel=_PANEL,
            help="The file with what `holdfast up` printed; else the settings of the environment count.",
        ),
    ],
    "as_": Annotated[
        str,
        typer.Option("--as", envvar="HOLDFAST_AS", rich_help_panel=_PANEL, help="Who you are in that emulated Azure."),
    ],
    "store": Annotated[
        str,
        typer.Option(rich_help_panel=_PANEL, help="sqlite:PATH; else the store that the settings of the app name."),
    ],
}
_DEFAULTS: dict[str, Any] = {"connect": None, "as_": "", "store": ""}


def connected_when(needed: Needed) -> Callable[[Callable[..., Work]], Callable[..., None]]:
    """The same as `connected` for a command that needs its connection only where what it was given says so."""
    return lambda command: connected(command, needed)


def connected(command: Callable[..., Work], needed: Needed = lambda _: True) -> Callable[..., None]:
    """Make a command of what returns its work: it takes the options of the connection, and ends with an exit code."""

    @functools.wraps(command)
    def run(context: typer.Context, connect: Path | None, as_: str, store: str, **given: Any) -> None:
        from cli.desk import alone, seated

        opening = context.obj if needed(given) else alone
        raise typer.Exit(seated(opening, connect, as_, store, lambda: command(**given)))

    signature = inspect.signature(command, eval_str=True)
    keyword = inspect.Parameter.KEYWORD_ONLY
    own = [parameter.replace(kind=keyword) for parameter in signature.parameters.values()]
    common = [
        inspect.Parameter(name, keyword, default=_DEFAULTS[name], annotation=annotation)
        for name, annotation in _CONNECTION.items()
    ]
    context = inspect.Parameter("context", keyword, annotation=typer.Context)
    parameters = [context, *own, *common]
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]  # how functions say what they take
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return run


def answering(command: Callable[..., Answer]) -> Callable[..., None]:
    """Do a command's work on the screen; an expected failure is told in its own words, with an exit code."""

    @functools.wraps(command)
    def run(**given: object) -> None:
        from rich.console import Console

        from cli.errors import exit_code
        from cli.view.text import printable

        try:
            code = command(**given)(Console(highlight=False, emoji=False))
        except Exception as error:
            failure = exit_code(error)
            if failure is None:
                raise
            # As they are: a terminal makes a link of file:line:column.
            print(printable(str(error)), file=sys.stderr)
            code = failure
        raise typer.Exit(code)

    run.__annotations__ = {**command.__annotations__, "return": None}
    return run
