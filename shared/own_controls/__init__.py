"""The owner's own controls: a folder of rows and modules that count beside those that ship."""

from shared.own_controls.load import read_own, with_own
from shared.own_controls.own import Own

__all__ = ["Own", "read_own", "with_own"]
