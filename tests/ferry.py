"""A topic that the checkout does not have, complete in both languages."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from studio.content import Content, Side

TOPIC = "ferry_timetable"
EXAMPLES = {
    "sv": (
        "när går färjan till Tankar",
        "färjans tidtabell",
        "hur kommer jag till Tankar",
        "vilken tid går båten ut till fyren",
        "går det en färja på söndag",
        "va kostar färjan till Tankar",
        "var lägger färjan till",
        "hur länge tar färjeturen",
        "kan man ta cykeln med på båten",
        "bokar man plats på färjan",
    ),
    "fi": (
        "milloin lautta lähtee Tankariin",
        "lautan aikataulu",
        "miten pääsen Tankariin",
        "mihin aikaan vene lähtee majakalle",
        "kulkeeko lautta sunnuntaina",
        "paljonko lautta Tankariin maksaa",
        "mistä lautta lähtee",
        "kauanko lauttamatka kestää",
        "saako pyörän ottaa veneeseen",
        "pitääkö lautalle varata paikka",
    ),
}
TITLES = {"sv": "När går färjan?", "fi": "Milloin lautta lähtee?"}
ANSWERS = {
    "sv": "Färjan till Tankar går klockan 10.\n\nDen går varje dag i juli.",
    "fi": "Lautta Tankariin lähtee kello 10.\n\nSe kulkee heinäkuussa joka päivä.",
}
SOURCE = "Tankar 2026"


def make_ferry(**values: Any) -> Content:
    """Return the topic, with other values where they are given."""
    sides = {
        language: Side(TITLES[language], ANSWERS[language], EXAMPLES[language], source_title=SOURCE)
        for language in ("sv", "fi")
    }
    return replace(Content(sides, published="2026-05", related=("counselling",)), **values).normalised()  # type: ignore[arg-type]
