"""The knowledge as a whole: twins, coverage, links, facts, examples; all problems at once, exit code 1."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_folder import SmallFolder
from typer.testing import CliRunner

from cli.knowledge import app
from knowledge.build import KNOWLEDGE_FOLDER
from knowledge.check import MINIMUM_EXAMPLES, check_folder
from knowledge.languages import LANGUAGES

SV, FI = "documents/county.sv.md", "documents/county.fi.md"
TOPICS = ("municipalities", "counselling", "old_strategy")


def _problems(folder: SmallFolder, examples: Path | None = None) -> list[str]:
    return [str(problem) for problem in check_folder(folder.path, examples)]


def _write_examples(folder: Path, count: int = MINIMUM_EXAMPLES) -> Path:
    for language in LANGUAGES:
        blocks = [
            f"- intent: {topic}\n  examples: |\n" + "".join(f"    - example {number}\n" for number in range(count))
            for topic in TOPICS
        ]
        path = folder / "nlu" / language / "topics.yml"
        path.parent.mkdir(parents=True)
        path.write_text('version: "3.1"\nnlu:\n' + "".join(blocks), encoding="utf-8")
    return folder / "nlu"


def test_the_small_folder_has_no_problems(small_folder: SmallFolder) -> None:
    assert _problems(small_folder) == []


def test_the_project_has_no_problems() -> None:
    examples = KNOWLEDGE_FOLDER.parent / "bot" / "data" / "nlu"
    assert [str(problem) for problem in check_folder(KNOWLEDGE_FOLDER, examples)] == []


@pytest.mark.parametrize(
    ("edits", "problems"),
    [
        pytest.param(
            [(FI, "## Kuka neuvoo? {#counselling}\nservices: [counselling]\n\nSoita neuvontaan.\n", "")],
            ["county.fi.md: lacks the section 'counselling', which county.sv.md has"],
            id="a section that the Finnish file lacks",
        ),
        pytest.param(
            [(SV, "## Vem ger råd? {#counselling}\nservices: [counselling]\n\nRing rådgivningen.\n", "")],
            ["county.sv.md: lacks the section 'counselling', which county.fi.md has"],
            id="a section that the Swedish file lacks",
        ),
        pytest.param(
            [(SV, "{#counselling}", "{#municipalities}"), (FI, "{#counselling}", "{#municipalities}")],
            [
                "counselling.yml: names the topic 'counselling', which no document has",
                "county.fi.md:9: 'municipalities' relates to 'counselling', no topic",
                "county.fi.md:16: topic 'municipalities' stands twice in one document",
                "county.sv.md:9: 'municipalities' relates to 'counselling', no topic",
                "county.sv.md:16: topic 'municipalities' stands twice in one document",
            ],
            id="a topic that stands twice",
        ),
        pytest.param(
            [(FI, "related: [counselling]", "related: [old_strategy]")],
            ["county.fi.md:9: 'municipalities' has another 'related' than county.sv.md; make them the same"],
            id="other related topics",
        ),
        pytest.param(
            [(FI, "services: [counselling]\n", "")],
            ["county.fi.md:16: 'counselling' has another 'services' than county.sv.md; make them the same"],
            id="other services",
        ),
        pytest.param(
            [(FI, "services: [counselling]\n", "services: [counselling]\nparagraphs: [1]\n")],
            ["county.fi.md:16: 'counselling' has another 'paragraphs' than county.sv.md; make them the same"],
            id="other paragraphs",
        ),
        pytest.param(
            [(FI, "services: [counselling]\n", "services: [counselling]\nvalid: {from: 2023-02-01}\n")],
            ["county.fi.md:16: 'counselling' has another 'valid' than county.sv.md; make them the same"],
            id="another validity",
        ),
        pytest.param(
            [(FI, '"2023-05"', '"2023-06"')],
            [
                "county.fi.md:9: 'municipalities' has another source date or url than county.sv.md",
                "county.fi.md:16: 'counselling' has another source date or url than county.sv.md",
            ],
            id="another source date",
        ),
        pytest.param(
            [(FI, "https://example.org/", "https://example.com/")],
            [
                "county.fi.md:9: 'municipalities' has another source date or url than county.sv.md",
                "county.fi.md:16: 'counselling' has another source date or url than county.sv.md",
            ],
            id="another source url",
        ),
        pytest.param(
            [(FI, "{municipalities: 8}", "{municipalities: 9}")],
            [
                "county.fi.md:9: 'municipalities' has another 'facts' than county.sv.md; make them the same",
                "county.sv.md:9: 'municipalities' says municipalities = 8, but county.fi.md ('municipalities') says 9; "
                "correct one, or end the older one's validity",
            ],
            id="another fact than the twin",
        ),
        pytest.param(
            [
                (SV, "services: [counselling]\n", "services: [counselling]\nfacts: {municipalities: 10}\n"),
                (FI, "services: [counselling]\n", "services: [counselling]\nfacts: {municipalities: 10}\n"),
            ],
            [
                f"county.{language}.md:16: 'counselling' says municipalities = 10, but county.fi.md ('municipalities') "
                "says 8; correct one, or end the older one's validity"
                for language in ("fi", "sv")
            ],
            id="two sections that disagree on a present fact",
        ),
        pytest.param(
            [(f"documents/joint-authority.{language}.md", ", to: 2022-12-31", "") for language in LANGUAGES],
            [
                f"joint-authority.{language}.md:9: 'municipalities' says municipalities = 10, but county.fi.md "
                "('municipalities') says 8; correct one, or end the older one's validity"
                for language in ("fi", "sv")
            ],
            id="an older document without an end",
        ),
        pytest.param(
            [
                (SV, "related: [counselling]", "related: [nothing]"),
                (FI, "related: [counselling]", "related: [nothing]"),
            ],
            [
                "county.fi.md:9: 'municipalities' relates to 'nothing', no topic",
                "county.sv.md:9: 'municipalities' relates to 'nothing', no topic",
            ],
            id="a related topic that does not exist",
        ),
        pytest.param(
            [
                (SV, "related: [counselling]", "related: [municipalities]"),
                (FI, "related: [counselling]", "related: [municipalities]"),
            ],
            [
                "county.fi.md:9: 'municipalities' relates to itself",
                "county.sv.md:9: 'municipalities' relates to itself",
            ],
            id="a topic related to itself",
        ),
        pytest.param(
            [(SV, "services: [counselling]", "services: [help]"), (FI, "services: [counselling]", "services: [help]")],
            [
                "county.fi.md:16: 'counselling' names the service 'help', no record",
                "county.sv.md:16: 'counselling' names the service 'help', no record",
            ],
            id="a service without a record",
        ),
        pytest.param(
            [("services/counselling.yml", "topic: counselling\n", "topic: nothing\n")],
            ["counselling.yml: names the topic 'nothing', which no document has"],
            id="a record of no topic",
        ),
        pytest.param(
            [("services/counselling.yml", "id: counselling_swedish", "id: counselling_finnish")],
            ["counselling.yml: channel id 'counselling_finnish' stands in counselling.yml too"],
            id="two channels of one id",
        ),
    ],
)
def test_a_mistake_across_files_is_named(
    small_folder: SmallFolder, edits: list[tuple[str, str, str]], problems: list[str]
) -> None:
    for name, old, new in edits:
        small_folder.edit(name, old, new)
    assert sorted(_problems(small_folder)) == sorted(problems)


@pytest.mark.parametrize(("language", "other"), [("sv", "fi"), ("fi", "sv")])
def test_a_document_in_one_language_alone_is_a_problem(small_folder: SmallFolder, language: str, other: str) -> None:
    (small_folder.path / f"documents/joint-authority.{other}.md").unlink()
    assert _problems(small_folder) == [
        f"joint-authority.{language}.md: has no twin; write joint-authority.{other}.md with the same section ids"
    ]


def test_the_same_fact_may_have_another_value_in_another_time(small_folder: SmallFolder) -> None:
    small_folder.edit_twins("joint-authority", "{municipalities: 10}", "{municipalities: 3}")
    assert _problems(small_folder) == []


def test_a_paragraph_of_the_source_without_a_section_is_a_problem(small_folder: SmallFolder) -> None:
    for name in (SV, FI):
        small_folder.edit(name, '"2023-05"', '"2023-05", file: a.txt, paragraphs: 4, furniture: [1]')
        small_folder.edit(name, "services: [counselling]", "services: [counselling]\nparagraphs: [2, 5]")
    assert _problems(small_folder) == [
        f"county.{language}.md: {text}"
        for language in ("fi", "sv")
        for text in (
            "names paragraph 5, but a.txt has no such",
            "paragraph 3 of a.txt has no section; add it to a section's 'paragraphs'",
            "paragraph 4 of a.txt has no section; add it to a section's 'paragraphs'",
        )
    ]


def test_a_topic_with_enough_examples_in_both_languages_is_right(small_folder: SmallFolder, tmp_path: Path) -> None:
    assert _problems(small_folder, _write_examples(tmp_path)) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_topic_with_too_few_examples_in_a_language_is_a_problem(
    small_folder: SmallFolder, tmp_path: Path, language: str
) -> None:
    examples = _write_examples(tmp_path)
    path = examples / language / "topics.yml"
    path.write_text(path.read_text(encoding="utf-8").replace("    - example 0\n", "", 1), encoding="utf-8")
    (problem,) = _problems(small_folder, examples)
    assert problem.endswith(
        f"topic 'municipalities' has 9 training examples in '{language}'; write at least 10 under "
        f"'intent: municipalities' in nlu/{language}"
    )


def test_a_topic_without_any_examples_is_a_problem_in_both_languages(small_folder: SmallFolder, tmp_path: Path) -> None:
    problems = _problems(small_folder, tmp_path / "nothing")
    assert len(problems) == len(TOPICS) * len(LANGUAGES)
    assert all(" has 0 training examples in " in problem for problem in problems)


@pytest.mark.parametrize("content", [b"nlu: [", b"- a list", b"nlu: [text]", "nlu: å".encode("latin-1")])
def test_an_examples_file_that_cannot_be_read_is_a_problem(
    small_folder: SmallFolder, tmp_path: Path, content: bytes
) -> None:
    examples = _write_examples(tmp_path)
    (examples / "sv" / "broken.yml").write_bytes(content)
    (problem,) = _problems(small_folder, examples)
    assert problem.startswith("nlu/sv/broken.yml")


@pytest.fixture
def spoilt_folder(small_folder: SmallFolder) -> SmallFolder:
    """A folder with a mistake of every module's kind."""
    small_folder.edit(SV, "aliases: [kommunerna]", "aliases: kommunerna")
    small_folder.edit(FI, '"2023-05"', '"5/2023"')
    small_folder.edit("services/counselling.yml", "type: phone", "type: pigeon")
    small_folder.edit_twins("joint-authority", "facts: {municipalities: 10}", "related: [nothing]")
    small_folder.write("documents/notes.md", "Nothing of ours.")
    return small_folder


def test_the_command_names_all_problems_at_once_and_exits_1(spoilt_folder: SmallFolder, tmp_path: Path) -> None:
    examples = _write_examples(tmp_path)
    result = CliRunner().invoke(app, ["check", "--folder", str(spoilt_folder.path), "--examples", str(examples)])
    assert result.exit_code == 1
    lines = result.output.strip().splitlines()
    assert lines[:-1] == _problems(spoilt_folder, examples)
    assert {line.split(":")[0] for line in lines[:-1]} == {
        "counselling.yml",
        "county.fi.md",
        "county.sv.md",
        "joint-authority.fi.md",
        "joint-authority.sv.md",
        "notes.md",
    }
    assert lines[-1] == f"lotsi: {len(lines) - 1} problems"


def test_the_command_exits_0_where_there_is_no_problem(small_folder: SmallFolder, tmp_path: Path) -> None:
    arguments = ["check", "--folder", str(small_folder.path), "--examples", str(_write_examples(tmp_path))]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0
    assert result.output.strip() == "No problems."


def test_the_build_command_names_the_same_problems_and_exits_1(spoilt_folder: SmallFolder, tmp_path: Path) -> None:
    arguments = ["build", "--folder", str(spoilt_folder.path), "--data", str(tmp_path / "data")]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 1
    lines = result.output.strip().splitlines()
    assert set(lines[:-1]) == set(_problems(spoilt_folder))
    assert lines[-1] == f"lotsi: {len(lines) - 1} problems; the database is as it was"
