"""A line of the log stays one line, whoever wrote what stands in it."""

import logging

from shared.log_lines import one_line, storable, whole


def logged(message: str, *args: object, error: Exception | None = None) -> str:
    given = (type(error), error, None) if error else None
    record = logging.LogRecord("holdfast", logging.ERROR, "x.py", 1, message, args, given)
    assert whole(record)
    return logging.Formatter().format(record)


def test_a_line_break_from_outside_is_written_out() -> None:
    assert logged("rule %s", "a\r\nERROR forged") == r"rule a\r\nERROR forged"


def test_what_clears_a_terminal_or_turns_the_writing_is_written_out() -> None:
    assert one_line("\x1b[2J \u202egnp.exe \ud800 \u2028") == r"\x1b[2J \u202egnp.exe \ud800 \u2028"


def test_honest_text_is_left_alone() -> None:
    assert one_line("Žofie (שלום): 100 %") == "Žofie (שלום): 100 %"


def test_the_lines_of_a_trace_are_indented_so_that_none_can_pass_for_a_record() -> None:
    first, *trace = logged("failed", error=ValueError("found\nERROR forged\x1b")).split("\n")
    assert first == "failed"
    assert trace == ["  ValueError: found", r"  ERROR forged\x1b"]


def test_what_utf8_cannot_hold_is_written_out_before_it_is_stored() -> None:
    assert storable("a\ud800\nb") == "a\\ud800\nb"
