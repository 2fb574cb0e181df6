"""How commands show long work where nobody looks at a terminal."""

from __future__ import annotations

import pytest

from cli.progress import shown_steps


def test_a_log_gets_a_line_a_step(capsys: pytest.CaptureFixture[str]) -> None:
    with shown_steps("reading") as show:
        for number in range(3):
            show("training [x]", number, 3)
        show("packing", 1, 1)
    written = capsys.readouterr()
    assert (written.out, written.err.splitlines()) == ("", ["reading", "training [x]", "packing"])
