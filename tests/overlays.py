"""Overlays as admins' drafts leave them: one new topic, in the checkout's own formats."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine

from knowledge.overlay import fingerprint_overlay
from studio.overlay import Overlay

TOPIC = "hearing_aid_batteries"
EXAMPLES = {
    "sv": [
        "var får jag batterier till hörapparaten",
        "hörapparatbatterier",
        "batterierna i min hörapparat är slut",
        "kostar batterier till hörapparat något",
        "hur byter jag batteri i hörapparaten",
        "mormor behöver nya batterier till sin hörapparat",
        "kan ni posta hörapparatbatterier hem",
        "vem ger ut batterier till hörapparater",
        "hur många batterier får man till hörapparaten",
        "hämta batterier till hörapparat i Karleby",
        "slut på batteri i hörapparat",
        "beställa batterier till hörapparaten",
    ],
    "fi": [
        "mistä saan paristoja kuulokojeeseen",
        "kuulokojeen paristot",
        "kuulokojeesta loppuivat paristot",
        "maksavatko kuulokojeen paristot jotain",
        "miten vaihdan kuulokojeen pariston",
        "mummo tarvitsee uudet paristot kuulokojeeseen",
        "voitteko postittaa kuulokojeen paristoja kotiin",
        "kuka antaa kuulokojeen paristoja",
        "montako paristoa kuulokojeeseen saa",
        "nouto kuulokojeen paristot Kokkola",
        "paristo loppu kuulokojeesta",
        "tilata paristoja kuulokojeeseen",
    ],
}
ANSWERS = {
    "sv": ("Batterier till hörapparat", "Batterier till hörapparaten får du gratis på hälsostationen."),
    "fi": ("Kuulokojeen paristot", "Kuulokojeen paristot saat maksutta terveysasemalta."),
}
ASKED = {"sv": "var får man batterier till sin hörapparat", "fi": "mistä kuulokojeeseen saa paristoja"}
"""What residents ask; no example says it like that."""
_ID = TOPIC.replace("_", "-")
_DOCUMENT = """---
id: {document}
language: {language}
source: {{title: "Apuvälinepalvelut", publisher: "Soite", language: fi, published: 2026-10}}
valid: {{from: 2026-10-01}}
---
## {title} {{#{topic}}}
aliases: [{alias}]

{answer}
"""


def write_topic(_engine: Engine | None, folder: Path) -> Overlay:
    """Write an overlay with the topic; takes the place of `studio.overlay.write_overlay`."""
    for language, (title, answer) in ANSWERS.items():
        nlu = folder / "nlu" / language
        nlu.mkdir(parents=True, exist_ok=True)
        lines = "".join(f"    - {text}\n" for text in EXAMPLES[language])
        text = f'# language: {language}\nversion: "3.1"\nnlu:\n- intent: {TOPIC}\n  examples: |\n{lines}'
        (nlu / "admins.yml").write_text(text, encoding="utf-8")
        documents = folder / "documents"
        documents.mkdir(exist_ok=True)
        alias = EXAMPLES[language][1]
        written = _DOCUMENT.format(
            document=_ID, language=language, topic=TOPIC, title=title, alias=alias, answer=answer
        )
        (documents / f"{_ID}.{language}.md").write_text(written, encoding="utf-8")
    return Overlay(fingerprint_overlay(folder, training=True), (TOPIC,))
