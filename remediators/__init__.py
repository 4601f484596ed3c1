"""The controls. Every module here offers `REMEDIATORS`; a new file is found without being registered anywhere."""

import importlib
import pkgutil

from shared.control import Catalogue, Remediator


def load_all() -> Catalogue:
    """Every remediator by its control's id. Raises ValueError when two share an id."""
    found: dict[str, Remediator] = {}
    for module in pkgutil.iter_modules(__path__):
        for remediator in importlib.import_module(f"{__name__}.{module.name}").REMEDIATORS:
            if remediator.control.id in found:
                raise ValueError(f"two remediators share the id {remediator.control.id}")
            found[remediator.control.id] = remediator
    return found
