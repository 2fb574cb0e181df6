"""Whatever is logged loses its personal data on its way out, also what a library logs; our own keys stay readable."""

from __future__ import annotations

import logging
import sys

from conversations.log_masking import MaskingFormatter, mask_event

SAID = "ring 040 123 4567"


def test_values_are_masked_at_any_depth_and_our_own_keys_stay() -> None:
    event = {
        "event": "chat.turn.answered",
        "timestamp": "2026-11-22T10:43:47.123456Z",
        "model": "lotsi-20261122-104347",
        "said": SAID,
        "exception": f"ValueError: {SAID}",
        "nested": {"list": [SAID, {SAID: 1}], "bytes": SAID.encode(), "other": ValueError(SAID)},
        "count": 12345678,
        "number": 358401234567,
        "none": None,
        "true": True,
        "seconds": 0.25,
    }
    masked = dict(mask_event(None, "info", dict(event)))
    kept = ("event", "timestamp", "model", "count", "none", "true", "seconds")
    assert {key: masked[key] for key in kept} == {key: event[key] for key in kept}
    hidden = "ring [phone]"
    assert (masked["said"], masked["exception"], masked["number"]) == (hidden, f"ValueError: {hidden}", "[phone]")
    assert masked["nested"] == {"list": [hidden, {hidden: 1}], "bytes": hidden, "other": hidden}


def test_a_key_that_nobody_of_us_chose_is_masked() -> None:
    assert mask_event(None, "info", {SAID: "x"}) == {"ring [phone]": "x"}


def test_a_librarys_line_is_masked_with_its_traceback() -> None:
    try:
        int(SAID)
    except ValueError:
        record = logging.LogRecord("lib", logging.ERROR, __file__, 1, "said %s", (SAID,), sys.exc_info())
    line = MaskingFormatter("%(levelname)s %(name)s: %(message)s").format(record)
    assert line.startswith("ERROR lib: said ring [phone]\n")
    assert "ValueError: invalid literal" in line
    assert "040" not in line


def test_a_number_in_the_middle_of_what_a_library_quotes_is_masked_too() -> None:
    record = logging.LogRecord("lib", logging.DEBUG, __file__, 1, "b'GET / HTTP/9.0401234567' in line 1234", (), None)
    line = MaskingFormatter("%(message)s").format(record)
    assert line == "b'GET / HTTP/9.[number]' in line 1234"
