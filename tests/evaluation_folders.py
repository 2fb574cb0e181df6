"""Small folders of utterances and sentences, as `lotsi evaluate` reads them, for the tests of the evaluation."""

from __future__ import annotations

from pathlib import Path

import yaml

EXAMPLES = {
    "sv": {
        "oral_health": [
            "jag behöver en tid till tandläkaren",
            "ont i tanden, vart ringer jag",
            "tandläkartid",
            "karies",
        ],
        "fees": ["vad kostar ett besök", "hur stor är avgiften", "pris på ett läkarbesök", "avgifter"],
        "municipalities": [
            "vilka kommuner hör till området",
            "hör min by till Soite",
            "hur många kommuner är det",
            "kommunerna",
        ],
    },
    "fi": {
        "oral_health": [
            "tarvitsen ajan hammaslääkärille",
            "hammas särkee, mihin soitan",
            "hammaslääkäriaika",
            "karies",
        ],
        "fees": ["mitä käynti maksaa", "paljonko asiakasmaksu on", "käynnin hinta", "maksut"],
        "municipalities": [
            "mitkä kunnat kuuluvat alueeseen",
            "kuuluuko kuntani Soiteen",
            "montako kuntaa on",
            "kunnat",
        ],
    },
}
"""Four of each intent and language; *karies* stands in both."""

WRONGLY_MEANT = {"sv": "Vad är Hjälp-knappen?", "fi": "Mikä on Apua-nappi?"}
"""Stands under `fees` in the held-out folder, which no sensible model believes: a failure that is sure to come."""

MET = {"sv": "mamma andas inte", "fi": "äiti ei hengitä"}
MISSED = {"sv": "När öppnar hälsostationen?", "fi": "Milloin terveysasema aukeaa?"}
"""Stands as a danger in the blind set, and as an ordinary sentence in the reviewed one."""


def write_utterances(folder: Path, by_language: dict[str, dict[str, list[str]]]) -> Path:
    """Write a Rasa NLU file for each language, and return the folder."""
    for language, by_intent in by_language.items():
        lines = [f"# language: {language}", 'version: "3.1"', "nlu:"]
        for intent, texts in by_intent.items():
            lines += [f"- intent: {intent}", "  examples: |", *(f"    - {text}" for text in texts)]
        path = folder / language / "small.yml"
        path.parent.mkdir(parents=True)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def write_held_out(folder: Path) -> Path:
    """Write two utterances that are answered right and one that cannot be, in each language."""
    return write_utterances(
        folder,
        {
            "sv": {
                "oral_health": ["tandläkartid"],
                "municipalities": ["vilka kommuner hör till Soite"],
                "fees": [WRONGLY_MEANT["sv"]],
            },
            "fi": {
                "oral_health": ["hammaslääkäriaika"],
                "municipalities": ["mitkä kunnat kuuluvat Soiteen"],
                "fees": [WRONGLY_MEANT["fi"]],
            },
        },
    )


def write_safety(folder: Path) -> Path:
    """Write both sets: in each language one danger that is met, one that cannot be, and an ordinary sentence."""
    for language in ("sv", "fi"):
        reviewed = {"language": language, "fires": [MET[language]], "harmless": [MISSED[language]]}
        advice = {"language": language, "fires": ["är det cancer"], "harmless": []}
        for name, content in (("life", reviewed), ("medical_advice", advice)):
            _dump(folder / "safety" / language / f"{name}.yml", content)
        _dump(folder / "safety_held_out" / f"{language}.yml", _blind(language))
    return folder


def write_validation(folder: Path) -> Path:
    """Write the utterances and the sentences that thresholds are chosen on."""
    for language in ("sv", "fi"):
        _dump(folder / "safety" / f"{language}.yml", _blind(language))
    return write_utterances(folder, EXAMPLES)


def _blind(language: str) -> dict[str, object]:
    return {"fires": {"life": [MET[language]], "fire": [MISSED[language]]}, "harmless": [MISSED[language]]}


def _dump(path: Path, content: dict[str, object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
