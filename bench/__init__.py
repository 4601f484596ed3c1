"""Benchmarks: Holdfast against the floor, in one run on one machine. `make bench` prints the ratios.

The floor is a bare HTTP client that makes the same calls and decides nothing.
"""
