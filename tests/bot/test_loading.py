"""A load beside turns: the YAML of archives is read by libyaml, as Rasa would read it, and others go first."""

from __future__ import annotations

import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import rasa.shared.utils.io
from rasa.shared.core.domain import Domain

from bot.importer import PROJECT_FOLDER
from bot.loading import quick_yaml, read_model_yaml, stand_back

TEXTS = (
    "version: '3.1'\nsession_expiration_time: 60\ncarry_over: true\n",
    "intents: [no, yes, on, off, y, n]\n",  # YAML 1.1 takes these for true and false
    "text: 8:30\n",  # and this for a number
    "share: 0.5\nless: -1.5e3\nnone: null\nempty:\ntilde: ~\n",
    "text: |\n  Ring 112.\n\n  Soita 112.\n",
    'emoji: "\\U0001F600 hej"\n',
    "",
)


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_is_read_as_rasa_reads_it(text: str) -> None:
    assert read_model_yaml(text) == rasa.shared.utils.io.read_yaml(text)


def test_what_rasa_writes_is_read_as_it_was() -> None:
    words = ("no", "8:30", "2026-11-22", "0o17", "017", "~", "1e3", ".5", "null", "true", "# hej", "två\nrader", "")
    values = {**{f"text {number}": word for number, word in enumerate(words)}, "a": 17, "b": -0.5, "c": None, "d": True}
    assert read_model_yaml(rasa.shared.utils.io.dump_obj_as_yaml_to_string(values)) == values


def test_the_domain_is_the_same_either_way() -> None:
    text = (PROJECT_FOLDER / "domain.yml").read_text(encoding="utf-8")
    with quick_yaml():
        quick = Domain.from_yaml(text)
    assert quick.as_dict() == Domain.from_yaml(text).as_dict()


def test_outside_a_load_rasa_reads_by_itself() -> None:
    before = rasa.shared.utils.io.read_yaml
    with pytest.raises(ValueError, match="a load that failed"), quick_yaml():
        assert rasa.shared.utils.io.read_yaml is read_model_yaml
        raise ValueError("a load that failed")
    assert rasa.shared.utils.io.read_yaml is before


@pytest.mark.skipif(sys.platform != "linux", reason="threads have a priority of their own on Linux alone")
def test_a_thread_that_loads_lets_others_go_first() -> None:
    with ThreadPoolExecutor(1, initializer=stand_back) as pool:
        loading = pool.submit(lambda: os.getpriority(os.PRIO_PROCESS, threading.get_native_id())).result()
    assert loading == 19
    assert os.getpriority(os.PRIO_PROCESS, threading.get_native_id()) < 19
