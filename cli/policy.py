"""`holdfast policy ...`: what the policy says, whether it is right, and what another one would change.

None of these commands needs a store, or Azure, but for a server that is named without its whole ARM id.
"""

import functools
from pathlib import Path
from typing import Annotated

import typer

from cli.options import Answer, ControlOption, Format, FormatOption, Work, answering, connected_when

app = typer.Typer(help="The policy: what Holdfast may do.", no_args_is_help=True)

PathArgument = Annotated[Path, typer.Argument(help="The policy: a file, or a folder of *.yaml files.")]
AtOption = Annotated[str, typer.Option("--at", help="As at this moment: 2026-03-01T12:00Z; now if left out.")]
PolicyOption = Annotated[
    Path | None,
    typer.Option("--policy", envvar="HOLDFAST_POLICY", help="The policy; the one that ships if left out."),
]


@app.command()
@answering
def check(
    path: PathArgument,
    fleet: Annotated[Path | None, typer.Option(help="A YAML list of servers: warn about what matches none.")] = None,
    at: AtOption = "",
) -> Answer:
    """Check a policy as it is before it is put in force.

    Errors come with file, line, column and what would be right, and exit code 2. Warnings do not change exit code 0.
    """
    from cli.work.policy import check as work

    return functools.partial(work, path, fleet, at)


@app.command()
@connected_when(lambda given: not given["target"].startswith("/"))
def explain(
    target: Annotated[
        str, typer.Argument(help="A server: its name, looked up in Azure; or its ARM id, and it need not exist.")
    ],
    control: ControlOption = None,
    tag: Annotated[list[str] | None, typer.Option(help="A tag of the server: NAME=VALUE; can be repeated.")] = None,
    management_group: Annotated[
        list[str] | None, typer.Option(help="A management group above the server, the nearest first.")
    ] = None,
    policy: PolicyOption = None,
    at: AtOption = "",
    format_: FormatOption = Format.TABLE,
) -> Work:
    """Show what holds for a server, which line of which file decided, and which lines that overrides.

    A server named by its name has its own tags and management groups, but for those that are given.
    """
    from cli.work.explain import Question
    from cli.work.explain import explain as work

    question = Question(target, tuple(control or ()), tuple(tag or ()), tuple(management_group or ()))
    return functools.partial(work, question=question, path=policy, at=at, format_=format_)


@app.command()
@answering
def schema() -> Answer:
    """Print the JSON Schema of the policy file, with which editors complete and check it."""
    from cli.work.policy import schema as work

    return work


@app.command("test")
@answering
def run_cases(
    paths: Annotated[list[Path], typer.Argument(help="Files of cases, or folders of such *.yaml files.")],
    policy: Annotated[
        Path | None, typer.Option("--policy", help="The policy; else the one that each file of cases names.")
    ] = None,
    junit: Annotated[Path | None, typer.Option(help="Also write the results to this file, as JUnit XML.")] = None,
    at: AtOption = "",
) -> Answer:
    """Try a policy on your own cases. Exit code 1 when one of them ends otherwise than it says."""
    from cli.work.policy_test import run_cases as work

    return functools.partial(work, paths, policy, junit, at)


@app.command()
@answering
def diff(
    old: PathArgument,
    new: PathArgument,
    fleet: Annotated[Path, typer.Option(help="A YAML list of servers: id, tags, management_groups, state.")],
    at: AtOption = "",
    format_: FormatOption = Format.TABLE,
) -> Answer:
    """Show for which servers another policy would change anything, and what. Exit code 0: for none; 1: for some."""
    from cli.work.policy import diff as work

    return functools.partial(work, old, new, fleet, at, format_)
