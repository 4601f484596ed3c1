"""Real faults: processes that are killed or frozen, at every step and at any moment."""
