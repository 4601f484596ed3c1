"""`holdfast playbooks ...`: what is done about security alerts. Needs neither Azure nor a store."""

from functools import partial
from typing import Annotated

import typer

from cli.options import Answer, Format, FormatOption, answering
from cli.policy import PolicyOption

app = typer.Typer(help="What is done about security alerts, and by whose leave.", no_args_is_help=True)


@app.command("list")
@answering
def listed(policy: PolicyOption = None, format_: FormatOption = Format.TABLE) -> Answer:
    """Every playbook under a policy, in the order in which they are asked: the first that fits answers."""
    from cli.work.playbooks import listed as work

    return partial(work, policy, format_)


@app.command()
@answering
def show(
    playbook: Annotated[str, typer.Argument(help="The name of a playbook.")],
    policy: PolicyOption = None,
    format_: FormatOption = Format.TABLE,
) -> Answer:
    """One playbook whole: which alerts it is for, and what each response does, in which mode and for how long."""
    from cli.work.playbooks import show as work

    return partial(work, playbook, policy, format_)
