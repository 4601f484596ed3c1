"""A YAML file of the owner's controls: its rows, each problem with its place."""

from pydantic import ValidationError

from shared.own_controls.checks import check_row
from shared.own_controls.own import Own
from shared.own_controls.rows import condition_of, remediator_of
from shared.own_controls.sheet import FileSheet, RowSheet
from shared.policy.spot import Problem
from shared.policy_file.document import Document
from shared.policy_file.wording import note_errors
from shared.policy_file.yaml_text import read_yaml


def read_file(data: bytes, name: str) -> tuple[list[Own], list[Problem]]:
    """The controls of a file, and what is wrong with it."""
    document = read_yaml(data, name)
    if document.problems:
        return [], document.problems
    try:
        sheet = FileSheet.model_validate(document.data)
    except ValidationError as error:
        note_errors(document, (), FileSheet, error)
        return [], document.problems
    for index, row in enumerate(sheet.controls):
        check_row(document, ("controls", index), row)
    if document.problems:
        return [], document.problems
    return [_own(document, index, row) for index, row in enumerate(sheet.controls)], []


def _own(document: Document, index: int, row: RowSheet) -> Own:
    spot = document.near(("controls", index, "id"))
    about = row.property or row.parameter
    return Own(remediator_of(row), spot, wanted=f"{about}: {condition_of(row)}", why=row.why)
