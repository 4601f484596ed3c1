"""The pages about controls: docs/controls.md, docs/controls/ and docs/coverage.md, made from the code alone."""
