"""A small knowledge folder, complete and without a problem, for tests that spoil it or build it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

_COUNTY_SV = """\
---
id: county
language: sv
source: {title: "Om området", publisher: "Området", language: sv, published: "2023-05", url: "https://example.org/"}
valid: {from: 2023-01-01}
---
# Området

## Vilka kommuner hör till? {#municipalities}
aliases: [kommunerna]
related: [counselling]
facts: {municipalities: 8}

Åtta kommuner hör till området.

## Vem ger råd? {#counselling}
services: [counselling]

Ring rådgivningen.

- Alla får ringa.
"""
_COUNTY_FI = """\
---
id: county
language: fi
source: {title: "Alueesta", publisher: "Alue", language: fi, published: "2023-05", url: "https://example.org/"}
valid: {from: 2023-01-01}
---
# Alue

## Mitkä kunnat kuuluvat alueeseen? {#municipalities}
aliases: [kunnat]
related: [counselling]
facts: {municipalities: 8}

Alueeseen kuuluu kahdeksan kuntaa.

## Kuka neuvoo? {#counselling}
services: [counselling]

Soita neuvontaan.

- Kaikki saavat soittaa.
"""
_AUTHORITY_SV = """\
---
id: joint-authority
language: sv
source: {title: "Om samkommunen", publisher: "Samkommunen", language: sv, published: "2020"}
valid: {from: 2020-01-01, to: 2022-12-31}
---
# Samkommunen

## Vilka kommuner hörde till? {#municipalities}
facts: {municipalities: 10}

Tio kommuner hörde till samkommunen.

## Samkommunens strategi {#old_strategy}

Strategin gällde till slutet av år 2022.
"""
_AUTHORITY_FI = """\
---
id: joint-authority
language: fi
source: {title: "Kuntayhtymästä", publisher: "Kuntayhtymä", language: fi, published: "2020"}
valid: {from: 2020-01-01, to: 2022-12-31}
---
# Kuntayhtymä

## Mitkä kunnat kuuluivat kuntayhtymään? {#municipalities}
facts: {municipalities: 10}

Kuntayhtymään kuului kymmenen kuntaa.

## Kuntayhtymän strategia {#old_strategy}

Strategia oli voimassa vuoden 2022 loppuun.
"""
_COUNSELLING = """\
id: counselling
topic: counselling
names: {sv: "Rådgivningen", fi: "Neuvonta"}
names_reviewed: true
summaries: {sv: "Ger råd.", fi: "Neuvoo."}
channels:
  - id: counselling_finnish
    type: phone
    names: {sv: "Telefon på finska", fi: "Puhelin suomeksi"}
    number: "06 000 0002"
    languages: [fi]
  - id: counselling_swedish
    type: phone
    names: {sv: "Telefon", fi: "Puhelin ruotsiksi"}
    number: "06 000 0001"
    languages: [sv]
    charge: normal
    hours:
      - {days: [mon, tue], from: "08:00", to: "16:00", valid_to: "2027-06-30"}
source: {title: "Webbplatsen", publisher: "Området", published: "2026"}
"""
_FILES = {
    "documents/county.sv.md": _COUNTY_SV,
    "documents/county.fi.md": _COUNTY_FI,
    "documents/joint-authority.sv.md": _AUTHORITY_SV,
    "documents/joint-authority.fi.md": _AUTHORITY_FI,
    "services/counselling.yml": _COUNSELLING,
}


@dataclasses.dataclass(frozen=True)
class SmallFolder:
    """A knowledge folder of five files; without a problem to begin with."""

    path: Path

    def write(self, name: str, content: str | bytes) -> Path:
        """Write a file anew, `documents/…` or `services/…`."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace a piece of a file's text, wherever it stands; the piece must be there."""
        path = self.path / name
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{name} has no {old!r}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def edit_twins(self, document: str, old: str, new: str) -> None:
        """Replace a piece of both languages' text."""
        for language in ("sv", "fi"):
            self.edit(f"documents/{document}.{language}.md", old, new)


def write_small_folder(path: Path) -> SmallFolder:
    """Write the folder to `path`."""
    folder = SmallFolder(path)
    for name, content in _FILES.items():
        folder.write(name, content)
    return folder
