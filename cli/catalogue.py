"""The controls for commands that need neither Azure nor a store: those that ship, and the owner's own."""

from remediators import load_all
from shared.control import Catalogue
from shared.settings import controls_path


def every_control() -> Catalogue:
    """Every control. Raises BadControls."""
    folder = controls_path()
    if folder is None:
        return load_all()
    from shared.own_controls import with_own

    return with_own(load_all(), folder)
