"""Running the owner's own cases."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from xml.etree import ElementTree

from rich.console import Console

from cli.catalogue import every_control
from cli.view.policy_test import ended
from cli.work.policy import moment
from shared.control import Catalogue
from shared.errors import BadFile
from shared.policy import Policy
from shared.policy_cases import CaseFile, Result, read_cases, run_case
from shared.policy_file import default_policy, load_policy_file


def run_cases(paths: Sequence[Path], policy: Path | None, junit: Path | None, at: str, out: Console) -> int:
    """Run all cases of these files, and of the files in these folders."""
    catalogue, when = every_control(), moment(at)
    results: dict[Path, list[Result]] = {}
    for path in _files(paths):
        cases = read_cases(path, catalogue)
        judged_by = _policy(path, cases, policy, catalogue)
        results[path] = [run_case(judged_by, catalogue, case, when) for case in cases.cases]
    out.print(ended(results))
    if junit is not None:
        junit.write_bytes(ElementTree.tostring(_junit(results), encoding="utf-8", xml_declaration=True))
    return int(any(result.differences for some in results.values() for result in some))


def _files(paths: Iterable[Path]) -> list[Path]:
    found: list[Path] = []
    for path in paths:
        inside = sorted([*path.glob("*.yaml"), *path.glob("*.yml")]) if path.is_dir() else [path]
        if not inside:
            raise BadFile(f"{path}: found no *.yaml file in this folder")
        found += inside
    return list(dict.fromkeys(found))


def _policy(path: Path, cases: CaseFile, policy: Path | None, catalogue: Catalogue) -> Policy:
    """The policy that the command names, else the one that the cases name, else the one that ships."""
    named = policy or (path.parent / cases.policy if cases.policy else None)
    return load_policy_file(named, catalogue) if named else default_policy(catalogue)


def _junit(results: dict[Path, list[Result]]) -> ElementTree.Element:
    """As test reporters read it: one suite for each file."""
    whole = ElementTree.Element("testsuites")
    for path, some in results.items():
        failures = sum(bool(result.differences) for result in some)
        suite = ElementTree.SubElement(
            whole, "testsuite", name=str(path), tests=str(len(some)), failures=str(failures), errors="0"
        )
        for result in some:
            case = ElementTree.SubElement(suite, "testcase", name=result.case.name, classname=path.stem)
            if result.differences:
                text = "\n".join(f"{one.what}: expected {one.expected}, got {one.got}" for one in result.differences)
                failure = ElementTree.SubElement(case, "failure", message=f"{len(result.differences)} differences")
                failure.text = text
    return whole
