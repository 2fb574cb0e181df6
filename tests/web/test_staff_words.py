"""What the console shows in words: no code of a machine stands where a counsellor reads."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from conversations.masking import KINDS
from knowledge.languages import LANGUAGES
from web.staff.filters import clean_view
from web.staff.masked import mark_masked
from web.staff.words import load_words

DOMAIN = Path(__file__).resolve().parents[2] / "domain.yml"

both = pytest.mark.parametrize("language", LANGUAGES)


@both
def test_every_intent_that_is_no_topic_has_words(language):
    intents = {name for item in yaml.safe_load(DOMAIN.read_text(encoding="utf-8"))["intents"] for name in item}
    assert intents - load_words(language).intents.keys() == set()


@both
@pytest.mark.parametrize("kind", KINDS)
def test_what_was_masked_is_said_in_words_and_the_rest_is_escaped(language, kind):
    shown = mark_masked(f"<b> [{kind}] [x]", load_words(language))
    assert shown == f'&lt;b&gt; <span class="masked">{load_words(language).kinds[kind]}</span> [x]'


def test_a_view_keeps_no_personal_data_in_any_of_its_fields():
    planted = dict.fromkeys(("text", "topic", "tag", "assigned", "since", "least", "status", "reason"), "040 765 4321")
    assert clean_view(planted) == dict.fromkeys(("text", "topic", "tag"), "[phone]")
