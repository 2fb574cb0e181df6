"""How the studio says the codes that are stored of models and trainings: states, steps, figures, the gate's reasons."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass

from babel.numbers import format_decimal
from babel.units import format_unit

from knowledge.languages import Language
from studio.gate import Reason
from web.locales import load_catalogue
from web.staff.words import load_words


@dataclass(frozen=True)
class ModelWords:
    """Words by code, in one language."""

    language: Language
    states: Mapping[str, str]
    jobs: Mapping[str, str]
    steps: Mapping[str, str]
    component: str
    figures: Mapping[str, str]
    kinds: Mapping[str, str]
    reasons: Mapping[str, str]
    languages: Mapping[str, str]
    dangers: Mapping[str, str]
    intents: Mapping[str, str]

    def step(self, code: str) -> str:
        """Return what a training is doing; what has no word of its own is a component of the pipeline."""
        return self.steps.get(code) or self.component.format(name=code)

    def number(self, value: float) -> str:
        """Return a number as it is written in the language, with one decimal if it needs one."""
        return str(format_decimal(round(value, 1), locale=self.language))

    def size(self, count: int) -> str:
        """Return a number of bytes in megabytes."""
        megabytes = round(count / 1048576, 1)
        return str(format_unit(megabytes, "digital-megabyte", length="short", locale=self.language))

    def reason(self, reason: Reason, titles: Mapping[str, str]) -> str:
        """Return one of the gate's reasons as a sentence.

        Args:
            reason: As stored.
            titles: The topics' titles by their ids.
        """
        values = {key: self.number(item) if isinstance(item, float) else item for key, item in reason.values.items()}
        if "topic" in values:
            values["topic"] = titles.get(values["topic"], values["topic"])
        if "language" in values:
            values["language"] = self.languages[str(values["language"])].lower()
        return self.reasons[reason.rule].format(**values)


@functools.lru_cache(maxsize=2)
def load_model_words(language: Language) -> ModelWords:
    """Return the words of a language."""
    gettext = load_catalogue(language).gettext
    return ModelWords(
        language=language,
        states={
            "candidate": gettext("Candidate"),
            "live": gettext("Live"),
            "former": gettext("Earlier"),
            "failed": gettext("Did not work"),
        },
        jobs={
            "queued": gettext("Waits"),
            "training": gettext("Trains"),
            "evaluating": gettext("Is tested"),
            "done": gettext("Done"),
            "failed": gettext("Did not work"),
            "interrupted": gettext("Interrupted"),
            "cancelled": gettext("Cancelled"),
        },
        steps={
            "check": gettext("Checks what has changed"),
            "read": gettext("Reads and checks examples and answers"),
            "LanguageIdentifier": gettext("Learns to tell Swedish from Finnish"),
            "SafetyTriggers": gettext("Takes up the safety triggers"),
            "LinearIntentClassifier": gettext("Learns the topics"),
            "RulePolicy": gettext("Learns the rules of the dialogue"),
            "pack": gettext("Packs the model"),
            "load": gettext("Opens the candidate"),
            "embed": gettext("Reads the test sentences"),
            "held_out": gettext("Asks the candidate the test questions"),
            "safety_reviewed": gettext("Asks the candidate the safety sentences"),
            "safety_held_out": gettext("Asks the candidate unseen safety sentences"),
            "reviewed": gettext("Asks what counsellors have judged"),
            "load_live": gettext("Opens the live model"),
            "live_held_out": gettext("Asks the live model the test questions"),
            "live_safety_reviewed": gettext("Asks the live model the safety sentences"),
            "live_safety_held_out": gettext("Asks the live model unseen safety sentences"),
            "latency": gettext("Compares how fast both answer"),
        },
        component=gettext("Trains {name}"),
        figures={
            "utterances": gettext("Test questions"),
            "answered": gettext("Right answer at once"),
            "helped": gettext("Right answer, or asked back rightly"),
            "wrong": gettext("Answered about another topic"),
            "declined": gettext("Other matters declined"),
            "false_alarms": gettext("False alarms"),
            "accuracy": gettext("Topic recognised"),
            "calibration_error": gettext("Calibration error"),
            "right_language": gettext("Answered in the right language"),
        },
        kinds={
            "promotion": gettext("Made live"),
            "override": gettext("Made live against the test"),
            "rollback": gettext("Taken back"),
        },
        reasons={
            "must_fire": gettext("Sentences that must get the emergency answer and do not: {count}."),
            "danger": gettext("Sentences of danger that the live model meets and this one misses: {count}."),
            "smoke": gettext("Questions that every model must answer and this one fails: {count}."),
            "language": gettext("Right answers in {language} fall from {before} % to {after} %."),
            "parity": gettext("Swedish and Finnish lie {gap} points apart; {allowed} are allowed."),
            "topic": gettext("The topic {topic} falls from {before} % to {after} %."),
            "alarms": gettext("False alarms in {language} rise from {before} % to {after} %."),
            "calibration": gettext("In {language} the model judges its certainty worse: {before} to {after} points."),
            "latency": gettext("It answers more slowly: {before} ms before, {after} ms now."),
            "reviewed": gettext("Of what counsellors have judged, more gets worse than better: {count}."),
            "other_set": gettext("The live model was tested with other questions. Train once more."),
            "not_compared": gettext("It has not been compared with the live model. Train once more."),
        },
        languages={"sv": gettext("Swedish"), "fi": gettext("Finnish")},
        dangers={
            "life": gettext("Danger to life"),
            "suicide": gettext("Suicide"),
            "violence": gettext("Violence"),
            "fire": gettext("Fire"),
            "poisoning": gettext("Poisoning"),
            "child": gettext("A child in danger"),
        },
        intents=load_words(language).intents,
    )
