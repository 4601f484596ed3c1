"""How things look on a terminal and as JSON: no I/O, no decisions. Text from outside is tamed here."""
