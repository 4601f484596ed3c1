"""The pages about controls are what the code says, and their links lead somewhere."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from cli.docs.__main__ import DOCS, main, pages, stale
from cli.docs.checkout import files_of, how_tested, lines_of
from cli.docs.coverage import coverage
from cli.docs.domain import domain_page
from cli.docs.markdown import anchor, table
from cli.docs.overview import overview
from cli.docs.policy_names import POLICY_NAMES
from cli.entries import Entry, entries
from shared.frameworks import NAMES
from shared.settings import ROOT
from shared.standards import STANDARDS
from shared.target import Kind

BY_ID = {entry.id: entry for entry in entries()}
TLS = BY_ID["tls-required"]


def unseen(entry: Entry) -> Entry:
    card = replace(entry.control, unobserved="only the application knows")
    return replace(entry, control=card)


def row_of(page: str, name: str) -> str:
    """The first row of the page that begins with the name."""
    return next(line for line in page.splitlines() if line.startswith(f"| {name} |"))


def test_the_pages_are_fresh() -> None:
    assert not stale(), f"not as the code says: {[path.name for path in stale()]}; run `make docs`"


def test_the_command_writes_what_is_stale_and_removes_what_nobody_needs(tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    main(folder)
    assert stale(folder) == []
    (folder / "controls" / "left.md").write_text("of a domain that is no more")
    (folder / "coverage.md").write_text("old")
    assert stale(folder) == [folder / "controls" / "left.md", folder / "coverage.md"]
    main(folder)
    assert {path.relative_to(folder) for path in folder.rglob("*.*")} == {path.relative_to(DOCS) for path in pages()}


def test_every_link_leads_to_a_heading_that_exists() -> None:
    made = pages()
    headings = {
        path: {anchor(line.lstrip("# ")) for line in text.splitlines() if line[:1] == "#"}
        for path, text in made.items()
    }
    for path, text in made.items():
        for place, heading in re.findall(r"(?:\]\(|^\[`[\w-]+`\]: )([\w./-]*)(?:#([\w-]+))?", text, re.MULTILINE):
            target = (path.parent / place).resolve() if place else path
            assert target.exists()
            assert not heading or target not in headings or heading in headings[target], f"{path.name}: {heading}"


def test_every_control_that_a_page_links_has_a_place_at_its_end() -> None:
    for text in pages().values():
        assert set(re.findall(r"\[(`[\w-]+`)\](?![:(])", text)) <= set(
            re.findall(r"^\[(`[\w-]+`)\]:", text, re.MULTILINE)
        )


def test_each_control_has_one_section() -> None:
    text = "\n".join(text for path, text in pages().items() if path.parent.name == "controls")
    assert all(text.count(f"## {name}\n") == 1 for name in BY_ID)


def test_the_overview_counts_what_is_held_and_says_why_the_rest_is_missing() -> None:
    page = overview((TLS, unseen(BY_ID["tls-min-version-12"])))
    assert "**2 controls: 1 are held, 1 are missing.**" in page
    assert "only the application knows |" in page
    assert row_of(page, "[`tls-min-version-12`]").count("**not seen**") == 1
    assert row_of(page, "**in all**") == "| **in all** | 1 |   |   |   |   | 1 | 2 |"


def test_the_overview_tells_what_is_held_on_some_kinds_of_server_only() -> None:
    page = overview(
        [
            replace(
                TLS,
                control=replace(TLS.control, kinds=frozenset({Kind.FLEXIBLE})),
                lacks=frozenset({Kind.CITUS}),
                lacks_why="not read",
            )
        ]
    )
    assert "1 of 2 are held." in page
    assert "| flexible (not yet: citus) |" in page
    assert "| [`tls-required`] | citus | not read |" in page


def test_the_overview_says_which_controls_need_an_action() -> None:
    page = overview((TLS, BY_ID["firewall-no-any-any"]))
    action = "`Microsoft.DBforPostgreSQL/flexibleServers/configurations/write`"
    assert "[`tls-required`]" in row_of(page, action)
    assert "firewall" not in row_of(page, action)


def test_a_page_of_a_domain_says_everything_about_a_control() -> None:
    page = domain_page(TLS.domain, [TLS])
    for text in (
        "Severity **high**",
        "Wanted: `on`",
        "clients may connect without encryption",
        "make",
        "4.3.1",
        "**Undo**",
    ):
        assert text in page


def test_what_a_table_of_controls_says_stands_once() -> None:
    rows = [entry for entry in BY_ID.values() if entry.module == TLS.module]
    assert domain_page("many", rows).count("- **Undo**") == 1


def test_a_control_that_is_not_held_says_so() -> None:
    assert "Not seen by Holdfast itself: only the application knows." in domain_page("one", [unseen(TLS)])


def test_an_id_is_covered_by_a_control_that_is_held_and_by_no_other() -> None:
    other = BY_ID["enhanced-metrics"]
    held, lost = coverage([TLS, other]), coverage([unseen(TLS), other])
    assert "(#checkov) | 1 | 1 |   |" in held
    assert "(#checkov) | 1 | 0 | 1 |" in lost
    assert row_of(held, "`CKV_AZURE_29`") == "| `CKV_AZURE_29` | [`tls-required`] |   |"
    assert row_of(lost, "`CKV_AZURE_29`") == "| `CKV_AZURE_29` |   | [`tls-required`] |"


def test_ids_come_in_their_natural_order() -> None:
    page = coverage(entries())
    assert page.index("`10.2.1`") > page.index("`8.6.3`")


def test_every_framework_has_its_table_and_every_policy_a_name() -> None:
    page = coverage(entries())
    assert all(f"\n## {name}\n" in page for name in NAMES.values())
    used = {one for held in STANDARDS.values() for one in held.frameworks.get("azure-policy", ())}
    assert used == set(POLICY_NAMES)


def test_what_is_not_held_is_neither_observed_nor_detected() -> None:
    page = coverage([TLS, unseen(BY_ID["tls-min-version-12"])]).partition("## Every control")[2]
    assert row_of(page, "[`tls-required`]").startswith("| [`tls-required`] | yes | yes | put back | laws, own")
    assert row_of(page, "[`tls-min-version-12`]").startswith("| [`tls-min-version-12`] |   |   | not seen |")


def test_a_persons_word_is_no_observation() -> None:
    allowlist = unseen(BY_ID["firewall-rule-allowlist"])
    page = coverage([allowlist]).partition("## Every control")[2]
    assert "|   | by attestation | not seen |" in row_of(page, "[`firewall-rule-allowlist`]")


def test_which_tests_are_about_a_control_is_read_from_the_tests() -> None:
    assert how_tested(TLS).own
    assert how_tested(TLS).end_to_end


def lines_in(module: str) -> int:
    text = (ROOT / f"{module.replace('.', '/')}.py").read_text()
    return sum(bool(line.strip()) for line in text.splitlines())


@pytest.mark.parametrize("name", ["tls-required", "firewall-no-any-any"])
def test_the_lines_of_a_modules_controls_are_those_of_the_module(name: str) -> None:
    module = BY_ID[name].module
    assert sum(lines_of(entry) for entry in BY_ID.values() if entry.module == module) == pytest.approx(lines_in(module))


def test_a_row_counts_for_its_own_control() -> None:
    longer, shorter = BY_ID["log-retention-days"], BY_ID["log-duration-on"]
    assert lines_of(longer) > lines_of(shorter)


def test_a_control_is_written_in_few_files() -> None:
    assert files_of(TLS) == 3
    assert max(files_of(entry) for entry in BY_ID.values()) < 8


@pytest.mark.parametrize(
    ("heading", "place"), [("PCI DSS 4.0", "pci-dss-40"), ("ISO/IEC 27001:2022", "isoiec-270012022"), ("a (b)", "a-b")]
)
def test_a_heading_is_linked_as_code_forges_do(heading: str, place: str) -> None:
    assert anchor(heading) == place


def test_a_table_without_rows_is_no_table() -> None:
    assert table(("a", "b"), ()) == ""
    assert table(("a",), [("x|y",)]) == "| a |\n| --- |\n| x\\|y |"
