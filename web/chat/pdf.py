"""A transcript as PDF, by fpdf2 (pure Python), in a font that has Latin, Greek and Cyrillic letters."""

from __future__ import annotations

import importlib.util
import unicodedata
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import TTFFont
from fpdf.prefs import ViewerPreferences

from web.chat.transcript import Entry, Transcript

_FONT = "DejaVu"
_FILES = {"": "DejaVuSans.ttf", "B": "DejaVuSans-Bold.ttf"}
_TEXT, _SMALL, _HEADING, _TITLE = 11, 9, 11, 18
_LINE = 1.45
_MISSING = "\u25a1"
_MARGIN = 20
_TAGS = {"sv": "sv-FI", "fi": "fi-FI"}


def _font_folder() -> Path:
    """matplotlib, which Rasa brings, has DejaVu with it; it is found without the seconds of importing it."""
    package = importlib.util.find_spec("matplotlib")
    if package is None or package.origin is None:
        raise RuntimeError("the fonts are missing; install matplotlib")
    return Path(package.origin).parent / "mpl-data" / "fonts" / "ttf"


def render_pdf(transcript: Transcript) -> bytes:
    """Return a transcript as a PDF file that says its language and title, with an outline of the messages."""
    pdf = _Page(transcript)
    pdf.write_facts()
    for entry in transcript.entries:
        pdf.write_entry(entry)
    return bytes(pdf.output())


class _Page(FPDF):
    def __init__(self, transcript: Transcript) -> None:
        super().__init__(format="A4")
        self._transcript = transcript
        for style, file in _FILES.items():
            self.add_font(_FONT, style, _font_folder() / file)
        self._known = set.intersection(*(set(font.cmap) for font in self.fonts.values() if isinstance(font, TTFFont)))
        self.set_lang(_TAGS[transcript.language])
        self.set_title(transcript.title)
        self.set_creator("Lotsi")
        self.set_creation_date(transcript.saved_at)
        self.viewer_preferences = ViewerPreferences(display_doc_title=True)
        self.set_margins(_MARGIN, _MARGIN)
        self.set_auto_page_break(True, _MARGIN)
        self.add_page()

    def footer(self) -> None:
        self.set_y(-_MARGIN + 5)
        self.set_font(_FONT, "", _SMALL)
        self.set_text_color(80)
        self.cell(0, 5, str(self.page_no()), align="C")

    def write_facts(self) -> None:
        self._write(self._transcript.title, _TITLE, "B")
        for fact in self._transcript.facts:
            self._write(fact, _SMALL)
        self.ln(5)

    def write_entry(self, entry: Entry) -> None:
        heading = self._printable(f"{entry.who} · {entry.at}")
        if self.will_page_break(3 * _HEADING * _LINE):
            self.add_page()
        self.start_section(heading)
        self._write(heading, _HEADING, "B")
        for paragraph in entry.paragraphs:
            self._write(paragraph, _TEXT)
            self.ln(1.5)
        for line in entry.lines:
            self._write(line.text, _SMALL, link=line.url or "")
        self.ln(4)

    def _write(self, text: str, size: float, style: str = "", link: str = "") -> None:
        self.set_font(_FONT, style, size)
        self.set_text_color(*((11, 74, 92) if link else (20, 20, 20)))
        height = size * _LINE / self.k
        self.multi_cell(0, height, self._printable(text), align="L", link=link, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _printable(self, text: str) -> str:
        """Return `text` with a box for every character that the font lacks, such as an emoji."""
        shown = []
        for char in unicodedata.normalize("NFC", text):
            if char == "\n" or ord(char) in self._known:
                shown.append(char)
            elif unicodedata.category(char) not in ("Cf", "Mn", "Me", "Sk"):  # joiners, variants, skin tones
                shown.append(_MISSING)
        return "".join(shown)
