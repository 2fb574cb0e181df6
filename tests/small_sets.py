"""A part of the held-out utterances and of the safety sentences, in the same form: enough to see a fault, and quick."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import yaml

from bot.training.examples import read_examples

TESTS = Path(__file__).resolve().parent
SMALL_GATE = {
    "LOTSI_GATE_LANGUAGE_DROP": "20",
    "LOTSI_GATE_PARITY_GAP": "20",
    "LOTSI_GATE_TOPIC_DROP": "100",
    "LOTSI_GATE_ALARM_RISE": "10",
    "LOTSI_GATE_CALIBRATION_RISE": "20",
    "LOTSI_GATE_LATENCY_FACTOR": "50",
}
"""Settings of a gate that judges by a part of the sentences: of forty, one that is unsure already is 2.5 points.

A missed danger is as much as ever, and how long a turn takes is no matter on a machine that runs other tests.
"""


def write_small_set(folder: Path, topics: Collection[str], every: int = 40) -> Path:
    """Write `nlu`, `safety` and `safety_held_out`.

    Args:
        folder: Where to.
        topics: Their utterances are kept whole.
        every: Of all else, each so many-th is kept.
    """
    examples = read_examples(TESTS / "nlu")[0]
    for language in ("sv", "fi"):
        own = [item for item in examples if item.language == language]
        kept = [item for number, item in enumerate(own) if item.intent in topics or number % every == 0]
        lines = [f"# language: {language}", 'version: "3.1"', "nlu:"]
        for intent in sorted({item.intent for item in kept}):
            lines += [f"- intent: {intent}", "  examples: |"]
            lines += [f"    - {item.text}" for item in kept if item.intent == intent]
        path = folder / "nlu" / language / "small.yml"
        path.parent.mkdir(parents=True)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        for source in sorted((TESTS / "safety" / language).glob("*.yml")):
            content = yaml.safe_load(source.read_text(encoding="utf-8"))
            few = {part: content[part][:: every // 4] for part in ("fires", "harmless") if content.get(part)}
            _write(folder / "safety" / language / source.name, few)
        content = yaml.safe_load((TESTS / "safety_held_out" / f"{language}.yml").read_text(encoding="utf-8"))
        # From the second on: one of the others lies at the detector's bar and falls to either side by chance.
        fires = {kind: texts[1::10] for kind, texts in content["fires"].items()}
        _write(folder / "safety_held_out" / f"{language}.yml", {"fires": fires, "harmless": content["harmless"][::10]})
    return folder


def _write(path: Path, content: dict[str, object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
