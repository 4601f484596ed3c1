"""Make the pages about controls: `python -m cli.docs`, or `make docs`."""

from pathlib import Path

from cli.docs.coverage import coverage
from cli.docs.domain import domain_page
from cli.docs.openapi import openapi
from cli.docs.overview import overview
from cli.docs.telemetry import telemetry
from cli.docs.words import by_domain, file_of
from cli.entries import entries
from shared.settings import ROOT

DOCS = ROOT / "docs"


def pages(folder: Path = DOCS) -> dict[Path, str]:
    """Every page, by its path."""
    every = entries()
    domains = {folder / "controls" / file_of(name): domain_page(name, held) for name, held in by_domain(every).items()}
    return {
        folder / "controls.md": overview(every),
        folder / "coverage.md": coverage(every),
        folder / "openapi.json": openapi(),
        folder / "telemetry.md": telemetry(),
        **domains,
    }


def stale(folder: Path = DOCS) -> list[Path]:
    """The pages that are not as the code says, and those of domains that are no more."""
    made = pages(folder)
    left = set((folder / "controls").glob("*.md")) - made.keys()
    return sorted(left | {path for path, text in made.items() if not path.exists() or path.read_text() != text})


def main(folder: Path = DOCS) -> None:
    """Write what is stale anew, and say which pages these were."""
    changed, made = stale(folder), pages(folder)
    (folder / "controls").mkdir(parents=True, exist_ok=True)
    for path in changed:
        if path in made:
            path.write_text(made[path])
        else:
            path.unlink()
        print(path.relative_to(folder.parent))
    print(f"{len(made)} pages, {len(changed)} changed")


if __name__ == "__main__":
    main()
