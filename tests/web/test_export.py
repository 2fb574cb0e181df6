"""The conversation as a file: four formats, two languages, odd letters, nothing hidden and no script."""

from __future__ import annotations

import io
import json
import re
from html.parser import HTMLParser

import pytest
from pypdf import PdfReader
from residents import Resident, begin

ODD = "Привет 👩\u200d👩\u200d👧 🇫🇮 ☎️ 中文 العربية <script>alert(1)</script> {{7*7}} & \u202e\u0301"
WORDS = {
    "sv": ["Samtal med Lotsi", "fattar inga beslut", "Du", "Lotsi (automat)", "Rådgivare (människa)"],
    "fi": [
        "Keskustelu Lotsin kanssa",
        "ei tee päätöksiä",
        "Sinä",
        "Lotsi (automaatti)",
        "Neuvoja (ihminen)",
        "Ilmoitus",
    ],
}
WORDS["fi"][1] = "eikä tee päätöksiä"


@pytest.fixture
async def talked(resident, counsellor) -> Resident:
    """A Swedish conversation with every kind of sender, a source, personal data and odd letters."""
    await resident.send("jag behöver tid till tandläkaren")
    await resident.send(f"ring 040 765 4321 {ODD}")
    await resident.call("POST", "/handoff", kind="queue")
    counsellor.take(resident.id)
    counsellor.write(resident.id, "Hej, jag är rådgivare.\n\nJag hjälper dig. 😀")
    return resident


async def download(resident: Resident, format: str, **query: str) -> tuple[dict[str, str], bytes]:
    address = f"/api/v1/conversations/{resident.id}/export"
    params = {"format": format, **query}
    async with resident.session.get(address, params=params, headers=resident.headers) as response:
        assert response.status == 200
        return dict(response.headers), await response.read()


def readable(format: str, body: bytes) -> str:
    if format == "pdf":
        return re.sub(r"\s+", " ", " ".join(page.extract_text() for page in PdfReader(io.BytesIO(body)).pages))
    return body.decode("utf-8-sig")


TYPES = {"txt": "text/plain", "html": "text/html", "pdf": "application/pdf", "json": "application/json"}


@pytest.mark.parametrize("language", ["sv", "fi"])
@pytest.mark.parametrize("format", TYPES)
async def test_every_format_says_who_said_what_with_source_and_disclosure(talked, format, language):
    headers, body = await download(talked, format, language=language)
    assert headers["Content-Type"].startswith(TYPES[format])
    assert re.fullmatch(rf'attachment; filename="lotsi-\d{{4}}-\d\d-\d\d\.{format}"', headers["Content-Disposition"])
    assert (headers["Content-Language"], headers["Cache-Control"]) == (language, "no-store")
    text = readable(format, body)
    for word in WORDS[language]:
        assert word in text, word
    assert "november 2023" in text, "the source's date"
    assert "Jag hjälper dig." in text
    assert "Привет" in text
    assert "765 4321" not in text


async def test_without_a_stated_language_it_is_the_conversations(caller):
    resident = await begin(caller, "fi")
    headers, body = await download(resident, "txt")
    assert (headers["Content-Language"], "Keskustelu Lotsin kanssa" in body.decode()) == ("fi", True)


async def test_the_text_is_for_any_editor(talked):
    _, body = await download(talked, "txt")
    assert body.startswith(b"\xef\xbb\xbf")
    assert body.count(b"\n") == body.count(b"\r\n")
    assert "🇫🇮 ☎️ 中文 العربية <script>alert(1)</script> {{7*7}} &" in body.decode()


async def test_what_was_masked_is_named_in_words(talked):
    _, body = await download(talked, "txt", language="fi")
    assert "[puhelinnumero, peitetty]" in body.decode()
    assert "[phone]" not in body.decode()


class _Outline(HTMLParser):
    """What an accessible document is made of."""

    def __init__(self, document: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.languages: list[str] = []
        self.addresses: list[str] = []
        self.feed(document)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.tags.append(tag)
        self.languages += [str(values["lang"])] if "lang" in values else []
        self.addresses += [str(values[key]) for key in ("href", "src") if key in values]


@pytest.mark.parametrize(("language", "languages"), [("sv", {"sv"}), ("fi", {"fi", "sv"})])
async def test_the_html_has_languages_headings_landmarks_and_no_script(talked, language, languages):
    _, body = await download(talked, "html", language=language)
    document = body.decode()
    outline = _Outline(document)
    assert outline.languages[0] == language
    assert set(outline.languages) == languages
    headings = [tag for tag in outline.tags if re.fullmatch("h[1-6]", tag)]
    assert headings[:2] == ["h1", "h2"]
    assert set(headings[2:]) == {"h3"}
    assert (outline.tags.count("main"), outline.tags.count("header"), outline.tags.count("title")) == (1, 1, 1)
    assert not {"script", "link", "img", "iframe"} & set(outline.tags)
    assert all(address.startswith("https://") for address in outline.addresses)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in document


async def test_the_pdf_says_its_language_and_title_and_has_an_outline(talked):
    _, body = await download(talked, "pdf")
    document = PdfReader(io.BytesIO(body))
    root = document.trailer["/Root"]
    assert (root["/Lang"], root["/ViewerPreferences"]["/DisplayDocTitle"]) == ("sv-FI", True)
    assert document.metadata is not None
    assert document.metadata.title == "Samtal med Lotsi"
    assert len(document.outline) == len(await talked.texts())
    fonts = {str(font) for page in document.pages for font in page["/Resources"]["/Font"]}
    assert fonts, "text, and no picture of text"


async def test_a_long_conversation_goes_over_pages(resident):
    await resident.send("a" * 2000)
    await resident.send("ord " * 499)
    await resident.send("\n".join("rad" for _ in range(400)))
    _, body = await download(resident, "pdf")
    assert len(PdfReader(io.BytesIO(body)).pages) > 3


async def test_the_json_holds_every_message(talked):
    _, body = await download(talked, "json")
    saved = json.loads(body)
    stored = (await talked.call("GET", "/messages"))["messages"]
    assert [{key: value for key, value in item.items() if key != "who"} for item in saved["messages"]] == stored
    assert saved["state"] == "human"
    assert talked.token not in body.decode()


@pytest.mark.parametrize(
    ("query", "count"), [({"format": "doc"}, 1), ({"format": ""}, 1), ({"format": "x", "language": "en"}, 2)]
)
async def test_another_format_or_language_is_refused_with_all_problems(resident, query, count):
    error = (await resident.call("GET", "/export", 400, **query))["error"]
    assert (error["code"], len(error["details"]["problems"])) == ("query_invalid", count)
