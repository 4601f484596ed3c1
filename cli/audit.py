"""`holdfast audit`."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from cli.options import (
    LOOK,
    AuditFormat,
    ControlOption,
    HereOption,
    ReasonOption,
    SeverityWord,
    WaitOption,
    Work,
    YesOption,
    connected,
)

app = typer.Typer()


@app.command(rich_help_panel=LOOK)
@connected
def audit(
    scope: Annotated[
        str, typer.Argument(help="A server by its name, or the ARM id of a server or scope; else all that you can see.")
    ] = "",
    format_: Annotated[AuditFormat, typer.Option("--format", help="How it is written.")] = AuditFormat.TABLE,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="Write it to this file.")] = None,
    framework: Annotated[
        str, typer.Option(metavar="NAME", help="Only what this standard asks for, by its paragraphs: cis-3.0, pci, ...")
    ] = "",
    severity: Annotated[SeverityWord, typer.Option(help="Only controls at least this severe.")] = SeverityWord.LOW,
    domain: Annotated[str, typer.Option(help="Only domains with this in their name.")] = "",
    control: ControlOption = None,
    fail_on: Annotated[
        SeverityWord, typer.Option(help="Exit code 3 only if something at least this severe fails.")
    ] = SeverityWord.LOW,
    fix: Annotated[bool, typer.Option("--fix", help="Then have mended what can be, as `apply` does.")] = False,
    reason: ReasonOption = "",
    yes: YesOption = False,
    here: HereOption = False,
    wait: WaitOption = 120,
) -> Work:
    """Judge every control on every server, with the evidence; optional and switched-off controls too.

    Nothing is changed without --fix. Exit code 0: nothing fails. 1: nothing that could be read fails, but not all could
    be read, or the audit could not be made. 2: wrong or refused. 3: something fails.
    """
    from cli.work.apply import Manner
    from cli.work.audit import Wish
    from cli.work.audit import audit as work

    wish = Wish(
        scope=scope,
        controls=control or (),
        framework=framework,
        severity=severity,
        domain=domain,
        fail_on=fail_on,
        format=format_,
        output=output,
        manner=Manner(reason, yes, here, wait) if fix else None,
    )
    return partial(work, wish=wish)
