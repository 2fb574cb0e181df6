"""The studio in the pictures: candidates that are better, worse and unsafe beside the live model, trainings, drafts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from evaluations import evaluation
from ferry import TOPIC, make_ferry
from sqlalchemy import Engine

from bot.training.examples import read_examples
from conversations.encryption import Cipher
from conversations.schema import MessageRow
from knowledge.languages import LANGUAGES
from studio.archives import Archives
from studio.evaluation import BLIND, MUST_FIRE, Evaluation, SafetyLine, Utterance
from studio.gate import Rules, judge
from studio.jobs import EVALUATING, Jobs
from studio.models import Models
from studio.shadow import Heard, ShadowRuns
from studio.topics import TopicStore

UNSAFE, WORSE, GOOD = "lotsi-20261119-081502", "lotsi-20261120-101744", "lotsi-20261121-093011"
_UTTERANCES = Path(__file__).resolve().parents[1] / "nlu"
_FALLEN = ("help_button", "fees", "oral_health")
_DANGERS = (
    ("sv", "jag har ont i bröstet och kan inte andas", "life"),
    ("fi", "kova rintakipu, en saa henkeä", "life"),
    ("sv", "det brinner i köket", "fire"),
    ("fi", "keittiössä palaa", "fire"),
)


class Workshop:
    """The studio's end of a server's database."""

    def __init__(self, engine: Engine, data: Path, cipher: Cipher, model: Path, chief: str) -> None:
        """Open it.

        Args:
            engine: The server's database.
            data: The server's data folder.
            cipher: With its secret key.
            model: The archive that it serves.
            chief: The admin's id.
        """
        self._engine, self._model, self._chief = engine, model, chief
        self.models = Models(engine, Archives(data / "models", cipher), model)
        self.topics, self.jobs = TopicStore(engine), Jobs(engine)

    def fill(self, questions: Iterable[MessageRow]) -> None:
        """Make what an admin would find.

        Args:
            questions: Residents' messages that the good candidate has listened to.
        """
        live = _evaluate(self.models.live_name())
        self.models.store_evaluation(live.model, live, judge(live, None, Rules()))
        for made in (_evaluate(UNSAFE, missed=2), _evaluate(WORSE, fallen=_FALLEN), _evaluate(GOOD, better=True)):
            path = self.models.archives.path(made.model)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(self._model.read_bytes())
            self.models.register(made.model, self._chief, made.model, "", 90, 98.0)
            self.models.store_evaluation(made.model, made, judge(made, live, Rules()))
        self._listen(live.model, questions)
        self._train()
        self._draft()

    def _listen(self, live: str, questions: Iterable[MessageRow]) -> None:
        runs = ShadowRuns(self._engine)
        for number, row in enumerate(questions):
            heard = Heard(row.intent or "", row.confidence or 0.0)
            other = Heard("disability_services", 0.81)
            runs.record(GOOD, row.id, live, row.language, heard, heard if number % 9 else other)

    def _train(self) -> None:
        job = self.jobs.ask(self._chief, take=True)
        for step in ("check", "read", "LinearIntentClassifier", "pack"):
            self.jobs.note(job.number, "step", step, 1, 1)
        self.jobs.note(job.number, "step", "held_out", 1, 1, EVALUATING)
        self.jobs.finish(job.number, "done", GOOD)

    def begin_training(self) -> int:
        """Begin a training that nobody runs; return its number, for `jobs.finish` after."""
        job = self.jobs.ask(self._chief, take=True)
        for step in ("check", "read", "LanguageIdentifier", "SafetyTriggers"):
            self.jobs.note(job.number, "step", step, 1, 1)
        self.jobs.note(job.number, "step", "LinearIntentClassifier", 3, 6)
        return job.number

    def _draft(self) -> None:
        fees = self.topics.fetch("fees")
        answer = f"{fees.content.sides['sv'].answer}\n\nFråga gärna rådgivningen."
        self.topics.save("fees", fees.content.with_side("sv", answer=answer), 0, self._chief)
        self.topics.add(TOPIC, make_ferry(), self._chief)


def _evaluate(model: str, fallen: Sequence[str] = (), missed: int = 0, better: bool = False) -> Evaluation:
    """An evaluation on the project's own sentences; every seventeenth is wrong, fewer of a better model.

    Args:
        model: Its name.
        fallen: Topics of which nothing is right.
        missed: How many dangers get no alarm.
        better: Whether it gets more right than others, and little wrong that they get right.
    """
    rows = []
    examples = read_examples(_UTTERANCES)[0]
    for number, item in enumerate(examples):
        is_wrong = number % 17 == 0 and not (better and number % 4)
        is_wrong = is_wrong or (better and number % 97 == 5) or item.intent in fallen
        got, confidence = (examples[number - 8].intent, 0.47) if is_wrong else (item.intent, 0.91)
        rows.append(Utterance(item.text, item.language, item.intent, got, not is_wrong, got, confidence))
    safety = [
        SafetyLine(text, language, name, kind, True, f"danger_{kind}")
        for language, text, kind in _DANGERS
        for name in (BLIND, MUST_FIRE)
    ]
    for place in range(1, 2 * missed, 2):
        safety[place] = replace(safety[place], alarmed=False, got="fees")
    made = evaluation(model, utterances=tuple(rows), safety=tuple(safety), size=29_465_422)
    figures = {code: _figures([row.right for row in rows if row.language == code]) for code in LANGUAGES}
    return replace(made, figures=figures, confusions=[("help_button", "family_service_guidance", 4)])


def _figures(right: Sequence[bool]) -> dict[str, float]:
    answered = sum(right) / len(right)
    return {
        "utterances": len(right),
        "answered": answered,
        "helped": min(answered + 0.04, 1.0),
        "wrong": (1 - answered) / 2,
        "declined": 0.94,
        "false_alarms": 0.0,
        "accuracy": min(answered + 0.01, 1.0),
        "calibration_error": 0.021,
        "right_language": 0.998,
    }
