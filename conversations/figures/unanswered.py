"""What was asked and is not in the documents: questions that Lotsi did not know, those that are alike together.

Alike is what shares lemmas or parts of words: residents inflect, misspell and split their compounds. The same
questions always make the same groups.
"""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import AgglomerativeClustering
from sklearn.feature_extraction.text import TfidfVectorizer
from spacy.lang.fi.stop_words import STOP_WORDS as FINNISH
from spacy.lang.sv.stop_words import STOP_WORDS as SWEDISH
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from conversations.figures.scope import Scope
from conversations.masking import KINDS
from conversations.question_schema import QuestionRow
from conversations.schema import MessageRow
from knowledge.languages import LANGUAGES, Language
from knowledge.lemmas import fold, lemmatize_word, tokenize

MOST = 1500
"""Questions a language that are compared, the newest ones: the work grows with their square."""
EXAMPLES = 3
_APART = 0.7
"""Cosine distance from which groups stay apart, as the mean of their members' distances."""
_EXAMPLE_LIMIT = 160
_PLACEHOLDER = re.compile(rf"\[(?:{'|'.join(KINDS)})\]")
_STOP_WORDS: dict[Language, frozenset[str]] = {
    "sv": frozenset(SWEDISH | {"hej", "tack", "undra", "fråga", "snälla"}),
    "fi": frozenset(FINNISH | {"hei", "moi", "kiitos", "kysymys", "kysyä", "terve"}),
}


@dataclass(frozen=True)
class Group:
    """Questions that are alike.

    Attributes:
        language: What they are in.
        size: How many they are.
        word: The word, as its lemma, that most of them share; finds them in the inbox. Empty if none has a word.
        examples: Up to three of them, masked, the most typical first.
    """

    language: Language
    size: int
    word: str
    examples: tuple[str, ...]


@dataclass(frozen=True)
class Unanswered:
    """The groups of a scope, largest first; `compared` of `asked` questions were looked at."""

    groups: tuple[Group, ...]
    asked: int
    compared: int


def fetch_unanswered(engine: Engine, scope: Scope) -> Unanswered:
    """Return what Lotsi did not know in a scope.

    Args:
        engine: A migrated conversations database.
        scope: Its topic is passed over: what is not known has none.
    """
    groups: list[Group] = []
    asked = compared = 0
    for language in LANGUAGES:
        if scope.language in (None, language):
            texts = _fetch_texts(engine, Scope(scope.period, language))
            asked, compared = asked + len(texts), compared + len(texts[:MOST])
            groups += group_questions(texts[:MOST], language)
    return Unanswered(tuple(sorted(groups, key=_order)), asked, compared)


def _fetch_texts(engine: Engine, scope: Scope) -> list[str]:
    statement = (
        select(MessageRow.text)
        .join(QuestionRow, QuestionRow.message_id == MessageRow.id)
        .where(QuestionRow.result == "dont_know", *scope.questions())
        .order_by(QuestionRow.day.desc(), MessageRow.created_at.desc(), MessageRow.id)
    )
    with Session(engine) as session:
        return list(session.scalars(statement))


def group_questions(texts: Sequence[str], language: Language) -> list[Group]:
    """Return questions in groups of those that are alike, largest first.

    Args:
        texts: Masked questions.
        language: What they are in.
    """
    # The same words in another order are one question; each is compared once, however often it was asked.
    alike: dict[str, list[str]] = {}
    spellings: dict[str, Counter[str]] = {}
    for text in sorted(texts):
        lemmas = _lemmas(text, language)
        for lemma in lemmas:
            spellings.setdefault(fold(lemma), Counter())[lemma] += 1
        alike.setdefault(" ".join(sorted({fold(lemma) for lemma in lemmas})), []).append(text)
    wordless = alike.pop("", [])
    forms = list(alike)
    members: dict[int, list[int]] = {}
    likeness = _compare(forms)
    for place, label in enumerate(_labels(likeness)):
        members.setdefault(label, []).append(place)
    groups = [
        _make_group([(form, alike[form]) for form in _by_typicality(places, forms, likeness)], language, spellings)
        for places in members.values()
    ]
    if wordless:
        groups.append(Group(language, len(wordless), "", _examples(wordless)))
    return sorted(groups, key=_order)


def _lemmas(text: str, language: Language) -> list[str]:
    """Return what a question is about: its lemmas without greetings, small words and what was masked."""
    stop, found = _folded_stop_words(language), []
    for word in tokenize(_PLACEHOLDER.sub(" ", text), language):
        lemma = lemmatize_word(word, language)
        if len(lemma) > 1 and not {fold(word), fold(lemma)} & stop:
            found.append(lemma)
    return found


@functools.lru_cache(maxsize=2)
def _folded_stop_words(language: Language) -> frozenset[str]:
    return frozenset(fold(word) for word in _STOP_WORDS[language])


def _compare(forms: Sequence[str]) -> NDArray[np.float64]:
    """Return how alike each two are, 0 to 1: by lemmas and by their parts of 3 to 5 letters (cosine)."""
    if not forms:
        return np.zeros((0, 0))
    lemmas = TfidfVectorizer(analyzer=str.split, sublinear_tf=True).fit_transform(forms)
    parts = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True).fit_transform(forms)
    return np.asarray((lemmas @ lemmas.T + parts @ parts.T).toarray() / 2)


def _labels(likeness: NDArray[np.float64]) -> list[int]:
    if len(likeness) < 2:
        return [0] * len(likeness)
    joining = AgglomerativeClustering(
        n_clusters=None, metric="precomputed", linkage="average", distance_threshold=_APART
    )
    return [int(label) for label in joining.fit_predict(np.clip(1 - likeness, 0, 1))]


def _by_typicality(places: Sequence[int], forms: Sequence[str], likeness: NDArray[np.float64]) -> list[str]:
    """Return the forms of a group, those first that are most like all of it."""
    ranked = sorted(places, key=lambda place: (-round(float(likeness[place, list(places)].sum()), 9), forms[place]))
    return [forms[place] for place in ranked]


def _make_group(
    members: Sequence[tuple[str, list[str]]], language: Language, spellings: dict[str, Counter[str]]
) -> Group:
    counts: Counter[str] = Counter()
    for form, texts in members:
        for lemma in form.split():
            counts[lemma] += len(texts)
    word = min(counts, key=lambda lemma: (-counts[lemma], -len(lemma), lemma))
    return Group(
        language=language,
        size=sum(len(texts) for _, texts in members),
        word=min(spellings[word], key=lambda lemma: (-spellings[word][lemma], -len(lemma.encode()), lemma)),
        examples=_examples([*(texts[0] for _, texts in members), *(text for _, texts in members for text in texts)]),
    )


def _examples(texts: Sequence[str]) -> tuple[str, ...]:
    shortened = dict.fromkeys(" ".join(text.split()) for text in texts)
    return tuple(
        text if len(text) <= _EXAMPLE_LIMIT else f"{text[: _EXAMPLE_LIMIT - 1].rstrip()}…"
        for text in list(shortened)[:EXAMPLES]
    )


def _order(group: Group) -> tuple[int, str, str]:
    return -group.size, group.language, group.word
