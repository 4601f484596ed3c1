"""What the site takes from outside docs/: the README is its first page, and folders in the navigation are their pages.

A hook of MkDocs: https://www.mkdocs.org/user-guide/configuration/#hooks
"""

from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
_HOME = "index.md"


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Put into the navigation what lies in the folders that it names, and every page that it does not name."""
    listed: set[str] = set()
    config.nav = [_filled(item, listed) for item in config.nav or []]
    found = sorted(path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md"))
    rest = [page for page in found if page not in listed]
    if rest:
        config.nav.append({"More": rest})
    return config


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add the README."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8").replace("](docs/", "](")
    files.append(File.generated(config, _HOME, content=readme))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Links to the README lead to the first page."""
    return markdown.replace("](../README.md", f"]({_HOME}")


def _filled(item: Any, listed: set[str]) -> Any:
    """The part of the navigation, with the pages of a folder in the place of `[FOLDER/*]`."""
    if isinstance(item, dict):
        return {name: _filled(below, listed) for name, below in item.items()}
    if isinstance(item, list):
        return [one for below in item for one in _pages(below, listed)]
    listed.add(item)
    return item


def _pages(item: Any, listed: set[str]) -> list[Any]:
    if not (isinstance(item, str) and item.endswith("/*")):
        return [_filled(item, listed)]
    pages = sorted(path.relative_to(DOCS).as_posix() for path in DOCS.glob(f"{item}.md"))
    listed.update(pages)
    return list(pages)
