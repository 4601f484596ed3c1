"""What Holdfast tells of its own work: traces, metrics and logs, by OpenTelemetry where somebody wants them.

`names` is the one table of metrics and spans.
"""
