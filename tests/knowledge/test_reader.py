"""Documents are read into typed sections; everything that is wrong with a file is named, with its line."""

from __future__ import annotations

import datetime as dt

import pytest
from small_folder import SmallFolder

from knowledge.reader import Section, Source, Validity, read_document, read_documents, render_blocks

COUNTY = "documents/county.sv.md"


def _problems(folder: SmallFolder) -> list[str]:
    return [str(problem) for problem in read_documents(folder.path / "documents")[1]]


def _section(folder: SmallFolder, topic: str) -> Section:
    document, problems = read_document(folder.path / COUNTY, folder.path / "documents")
    assert problems == []
    assert document is not None
    return next(section for section in document.sections if section.topic == topic)


def test_a_document_is_read_whole(small_folder: SmallFolder) -> None:
    document, problems = read_document(small_folder.path / COUNTY, small_folder.path / "documents")
    assert problems == []
    assert document is not None
    assert (document.id, document.language, document.title, document.path) == (
        "county",
        "sv",
        "Området",
        "county.sv.md",
    )
    assert document.source == Source("Om området", "Området", "sv", "2023-05", "https://example.org/")
    assert document.valid == Validity(dt.date(2023, 1, 1), None)
    assert [section.topic for section in document.sections] == ["municipalities", "counselling"]


def test_a_section_is_read_with_its_metadata_and_line(small_folder: SmallFolder) -> None:
    section = _section(small_folder, "municipalities")
    assert (section.title, section.lead, section.details) == (
        "Vilka kommuner hör till?",
        "Åtta kommuner hör till området.",
        "",
    )
    assert (section.aliases, section.related, section.services) == (("kommunerna",), ("counselling",), ())
    assert section.facts == {"municipalities": 8}
    assert section.line == 9


def test_a_section_inherits_the_documents_source_and_validity(small_folder: SmallFolder) -> None:
    section = _section(small_folder, "counselling")
    assert section.source.title == "Om området"
    assert section.valid == Validity(dt.date(2023, 1, 1), None)


def test_a_sections_own_source_and_validity_go_before_the_documents(small_folder: SmallFolder) -> None:
    small_folder.edit(
        COUNTY,
        "services: [counselling]",
        "services: [counselling]\n"
        "source: {title: Annan, publisher: Annan, language: fi, published: 2024}\n"
        "valid: {to: 2024-12-31}",
    )
    section = _section(small_folder, "counselling")
    assert section.source == Source("Annan", "Annan", "fi", "2024", None)
    assert section.valid == Validity(None, dt.date(2024, 12, 31))


@pytest.mark.parametrize("ends", ["\r\n", "\r"])
def test_a_file_from_windows_or_an_old_mac_reads_the_same(small_folder: SmallFolder, ends: str) -> None:
    before = _section(small_folder, "counselling")
    text = (small_folder.path / COUNTY).read_text(encoding="utf-8")
    small_folder.write(COUNTY, text.replace("\n", ends).encode())
    assert _section(small_folder, "counselling") == before


def test_a_folder_without_documents_is_a_problem(small_folder: SmallFolder) -> None:
    for folder in (small_folder.path / "services", small_folder.path / "no_such"):
        documents, problems = read_documents(folder)
        assert (documents, [problem.path for problem in problems]) == ([], [folder.name])


def test_the_folders_readme_is_no_document(small_folder: SmallFolder) -> None:
    small_folder.write("documents/README.md", "# How to write a document\n")
    documents, problems = read_documents(small_folder.path / "documents")
    assert problems == []
    assert [document.path for document in documents] == [
        "county.fi.md",
        "county.sv.md",
        "joint-authority.fi.md",
        "joint-authority.sv.md",
    ]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("---\nid: county", "id: county", ":1: has no front matter; begin with '---', id, language, source, and '---'"),
        ("id: county\n", "id: county: x\n", ":2: front matter is not valid YAML: mapping values are not allowed here"),
        ("id: county\n", "id: elsewhere\n", ":2: says id 'elsewhere', its file name says 'county'; make them the same"),
        ("language: sv\ns", "language: fi\ns", ":2: says language 'fi', its file name says 'sv'; make them the same"),
        (
            "id: county\n",
            "id: county\nauthor: me\n",
            ":2: front matter has the unknown key 'author'; known are id, language, source, valid",
        ),
        ('title: "Om området", ', "", ":2: the source lacks title; every answer names its source and date"),
        (
            ', language: sv, published: "2023-05"',
            "",
            ":2: the source lacks language, published; every answer names its source and date",
        ),
        (
            '"2023-05"',
            '"5.2023"',
            ":2: the source's date: '5.2023' is no date; write YYYY, YYYY-MM or YYYY-MM-DD",
        ),
        ('"2023-05"', '"2023-02-30"', ":2: the source's date: day is out of range for month"),
        ("https://", "www.", ":2: the source's url 'www.example.org/' must begin with https://"),
        (
            "{from: 2023-01-01}",
            "{since: 2023-01-01}",
            ":2: valid must be {from: YYYY-MM-DD, to: YYYY-MM-DD}, either may be left out",
        ),
        (
            "{from: 2023-01-01}",
            "2023",
            ":2: valid must be {from: YYYY-MM-DD, to: YYYY-MM-DD}, either may be left out",
        ),
        ("{from: 2023-01-01}", "{from: 1.1.2023}", ":2: valid from '1.1.2023' is no date; write YYYY-MM-DD"),
        (
            "{from: 2023-01-01}",
            "{from: 2023-01-01, to: 2022-01-01}",
            ":2: valid ends (2022-01-01) before it begins (2023-01-01)",
        ),
        (" {#municipalities}", "", ":9: heading has no id; write '## Heading {#topic_id}'"),
        (
            "{#municipalities}",
            "{#Kommuner!}",
            ":9: 'Kommuner!' is no topic id; use a–z, 0–9, _ and -, beginning with a letter",
        ),
        ("aliases: [kommunerna]", "aliases: a: b", ":10: 'municipalities' metadata is not valid YAML: mapping values"),
        (
            "aliases: [kommunerna]\nrelated: [counselling]\nfacts: {municipalities: 8}\n\n",
            "",
            ":10: 'municipalities' metadata must be 'key: value' lines; leave a blank line before the answer's text",
        ),
        (
            "aliases: [kommunerna]",
            "alias: [kommunerna]",
            ":10: 'municipalities' metadata has the unknown key 'alias'; known are aliases, facts, paragraphs, "
            "related, review, services, source, valid",
        ),
        ("aliases: [kommunerna]", "aliases: kommunerna", ":9: aliases must be a list of words: aliases: [one, two]"),
        ("aliases: [kommunerna]", "aliases: [112]", ":9: aliases must be a list of words: aliases: [one, two]"),
        ("related: [counselling]", "related: x", ":9: related must be a list of words: related: [one, two]"),
        ("services: [counselling]", "services: x", ":16: services must be a list of words: services: [one, two]"),
        (
            "Åtta kommuner hör till området.\n",
            "",
            ":9: 'municipalities' has no answer; write one to four sentences",
        ),
    ],
)
def test_a_mistake_in_a_document_is_named_with_its_line(
    small_folder: SmallFolder, old: str, new: str, problem: str
) -> None:
    small_folder.edit(COUNTY, old, new)
    assert any(found.startswith("county.sv.md" + problem) for found in _problems(small_folder)), _problems(small_folder)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("{from: 2023-01-01}", "{from: 2023-02-30}"),
        ("{from: 2023-01-01}", "{from: 2023-01-01T08:00:00, to: 2024-01-01}"),
        ('"2023-05"', "2023-02-30"),
        ("aliases: [kommunerna]", "paragraphs: 3"),
        ("aliases: [kommunerna]", "paragraphs: [three]"),
        ("{municipalities: 8}", "[municipalities, 8]"),
        ('published: "2023-05"', 'published: "2023-05", file: x.txt, paragraphs: many'),
        ('published: "2023-05"', 'published: "2023-05", file: x.txt, paragraphs: 2, furniture: 1'),
    ],
    ids=[
        "a day that no month has",
        "a moment instead of a day",
        "an unquoted day that no month has",
        "one paragraph without brackets",
        "a paragraph that is no number",
        "facts as a list",
        "a count that is no number",
        "furniture without brackets",
    ],
)
def test_a_value_of_the_wrong_kind_is_a_problem_and_not_a_crash(small_folder: SmallFolder, old: str, new: str) -> None:
    small_folder.edit(COUNTY, old, new)
    assert any(found.startswith("county.sv.md") for found in _problems(small_folder))


def test_a_file_that_is_not_utf_8_is_a_problem(small_folder: SmallFolder) -> None:
    small_folder.write(COUNTY, "---\nid: county\n---\nÅtta".encode("latin-1"))
    assert "county.sv.md: is not UTF-8 text; save it as UTF-8" in _problems(small_folder)


def test_a_file_with_a_byte_order_mark_reads_the_same(small_folder: SmallFolder) -> None:
    before = _section(small_folder, "counselling")
    small_folder.write(COUNTY, b"\xef\xbb\xbf" + (small_folder.path / COUNTY).read_bytes())
    assert _section(small_folder, "counselling") == before


@pytest.mark.parametrize("name", ["county.md", "county.en.md", "County.sv.md", "my county.sv.md", "county.SV.md"])
def test_a_file_name_tells_the_document_and_a_served_language(small_folder: SmallFolder, name: str) -> None:
    small_folder.write(f"documents/{name}", "---\n---\n")
    assert _problems(small_folder) == [
        f"{name}: name the file <document id>.<sv or fi>.md, the id in lower case with hyphens"
    ]


def test_a_document_without_a_section_is_a_problem(small_folder: SmallFolder) -> None:
    text = (small_folder.path / COUNTY).read_text(encoding="utf-8")
    small_folder.write(COUNTY, text[: text.index("## ")])
    assert _problems(small_folder) == [
        "county.sv.md:7: has no section; write '## Heading {#topic_id}' and the answer under it"
    ]


def test_all_mistakes_of_a_file_are_named_at_once(small_folder: SmallFolder) -> None:
    small_folder.edit(COUNTY, "https://", "www.")
    small_folder.edit(COUNTY, "{from: 2023-01-01}", "{from: soon}")
    small_folder.edit(COUNTY, "aliases: [kommunerna]", "aliases: kommunerna")
    small_folder.edit(COUNTY, "{#counselling}", "{#2}")
    assert len(_problems(small_folder)) == 4


@pytest.mark.parametrize(
    ("markdown", "lead", "details"),
    [
        ("One line\nand the next.", "One line and the next.", ""),
        ("First.\n\nSecond.\n\nThird.", "First.", "Second.\n\nThird."),
        ("Lead.\n\n- one\n- two", "Lead.", "• one\n• two"),
        ("Lead:\n- one\n- two", "Lead:", "• one\n• two"),
        ("Lead.\n\n1. one\n2. two\n\nAfter.", "Lead.", "1. one\n2. two\n\nAfter."),
        ("Lead.\n\n3. three\n4. four", "Lead.", "3. three\n4. four"),
        ("Lead.\n\n- one\n\n  more of one\n- two", "Lead.", "• one\n  more of one\n• two"),
        ("**Bold** and *slanted* and `code`.", "Bold and slanted and code.", ""),
        ("See [the page](https://example.org).", "See the page.", ""),
        ("A <b>tag</b> & more.", "A <b>tag</b> & more.", ""),
        ("", "", ""),
        ("\n\n", "", ""),
    ],
)
def test_an_answers_markdown_becomes_plain_text(markdown: str, lead: str, details: str) -> None:
    assert render_blocks(markdown) == (lead, details)


@pytest.mark.parametrize(
    ("start", "end", "day", "covered"),
    [
        (None, None, "2026-01-01", True),
        ("2023-01-01", None, "2022-12-31", False),
        ("2023-01-01", None, "2023-01-01", True),
        (None, "2022-12-31", "2022-12-31", True),
        (None, "2022-12-31", "2023-01-01", False),
        ("2020-01-01", "2022-12-31", "2019-12-31", False),
        ("2020-01-01", "2022-12-31", "2021-06-01", True),
        ("2023-01-01", "2023-01-01", "2023-01-01", True),
    ],
)
def test_a_validity_covers_both_its_ends(start: str | None, end: str | None, day: str, covered: bool) -> None:
    first, last = (None if text is None else dt.date.fromisoformat(text) for text in (start, end))
    assert Validity(first, last).covers(dt.date.fromisoformat(day)) is covered
