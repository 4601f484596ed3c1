"""The documentation is a site that whoever reads it gets from one place."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from shared.settings import ROOT

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    made = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    return folder


def test_it_fetches_nothing_from_elsewhere(site: Path) -> None:
    asks = re.compile(
        r"<(?:script|img|iframe)[^>]+src=\"?(?:https?:)?//|<link[^>]+stylesheet[^>]+href=\"?(?:https?:)?//"
    )
    assert [page.name for page in site.rglob("*.html") if asks.search(page.read_text())] == []


def test_every_page_of_the_documentation_has_its_place_in_it(site: Path) -> None:
    pages = {path.relative_to(ROOT / "docs").with_suffix(".html") for path in (ROOT / "docs").rglob("*.md")}
    made = {page.with_name("index.html") if page.name == "README.html" else page for page in pages}
    assert {page for page in made if not (site / page).exists()} == set()


def test_the_readme_is_its_first_page(site: Path) -> None:
    assert "Azure Database for PostgreSQL" in (site / "index.html").read_text()
