"""The gate's reasons in words, for the command line; the console says them in Swedish and Finnish."""

from __future__ import annotations

from collections.abc import Iterator

from studio.gate import Reason, Sentence

_RULES = {
    "must_fire": "{count} sentences that must get the emergency answer do not; nobody can overrule this",
    "danger": "{count} sentences of danger that the live model meets are missed; nobody can overrule this",
    "smoke": "{count} questions that every model must answer fail; nobody can overrule this",
    "language": "right answers in {language} fall from {before} to {after} percent; {allowed} points are allowed",
    "parity": "{gap} points lie between the languages, {before} now; {allowed} are allowed",
    "topic": "{topic} falls from {before} to {after} percent; {allowed} points are allowed",
    "alarms": "false alarms in {language} rise from {before} to {after} percent; {allowed} points are allowed",
    "calibration": "the calibration error in {language} grows from {before} to {after}; {allowed} points are allowed",
    "latency": "a turn's p95 grows from {before} to {after} ms; {allowed} times as much is allowed",
    "reviewed": "of residents' reviewed questions {count} more are broken than fixed",
    "other_set": "the live model was measured on other sentences; train once more",
    "not_compared": "it has not been compared with {live}, which is live now; train once more",
}


def say_reason(reason: Reason) -> Iterator[str]:
    """Yield a reason's line, and a line for each sentence that it rests on."""
    yield _RULES[reason.rule].format(**reason.values)
    for sentence in reason.sentences:
        yield f"  {say_sentence(sentence)}"


def say_sentence(sentence: Sentence) -> str:
    """Return a sentence with what it should get and what it gets."""
    text = f"'{sentence.text}'" if sentence.text else f"message {sentence.message}"
    if not sentence.wanted:
        return text
    before = f", now {sentence.before}" if sentence.before and sentence.before != sentence.wanted else ""
    return f"{sentence.language}  {text}: {sentence.wanted} wanted{before}, {sentence.after} with the candidate"
