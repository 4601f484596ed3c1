"""Azure Resource Graph: the part of its query language that listing resources takes."""
