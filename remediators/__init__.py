"""The controls. Every module here offers `REMEDIATORS`; a new file is found without being registered anywhere."""

import importlib
import pkgutil
from collections.abc import Iterator
from types import ModuleType

from shared.control import Catalogue, Remediator


def modules() -> Iterator[ModuleType]:
    """Every module of controls, by name."""
    for module in pkgutil.iter_modules(__path__):
        yield importlib.import_module(f"{__name__}.{module.name}")


def load_all() -> Catalogue:
    """Every remediator by its control's id. Raises ValueError when two share an id."""
    found: dict[str, Remediator] = {}
    for module in modules():
        for remediator in module.REMEDIATORS:
            if remediator.control.id in found:
                raise ValueError(f"two remediators share the id {remediator.control.id}")
            found[remediator.control.id] = remediator
    return found
