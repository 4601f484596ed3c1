"""The web door: pages on which people see a plan and decide, follow a record, take a change back, hold and release.

Nothing here knows which host runs it: a request comes in as `Request`, a `Response` goes out. Pages work without
scripts; what a page shows is text, whoever wrote it.
"""
