"""The search over the sections: the right topic first, the same on both databases, whatever a resident writes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from small_folder import SmallFolder
from sqlalchemy import event

from knowledge.build import build_knowledge
from knowledge.engine import open_engine, sqlite_url
from knowledge.languages import LANGUAGES, Language
from knowledge.store import Knowledge

TODAY = dt.date(2026, 11, 22)
FOUND: list[tuple[Language, str, str]] = [
    ("sv", "vilka kommuner hör till Soite", "municipalities"),
    ("sv", "hur många invånare", "population"),
    ("sv", "Hjälp-knappen", "help_button"),
    ("sv", "hjälpknappen", "help_button"),
    ("sv", "digitala vårdvägar", "digital_care_paths"),
    ("sv", "jag är orolig för mamma", "help_for_relative"),
    ("sv", "vad kostar ett besök", "fees"),
    ("sv", "språklagen", "own_language"),
    ("sv", "Terapinavigatorn", "therapy_navigator"),
    ("sv", "klientråd", "client_councils"),
    ("sv", "statsunderstöd", "centre_project_funding"),
    ("sv", "motto", "motto"),
    ("sv", "nepsy", "nepsy_guidance"),
    ("sv", "munhalsovard", "oral_health"),
    ("sv", "våld hemma", "violence_line"),
    ("sv", "Tuija Tuorila", "structural_reform_contact"),
    ("sv", "tandläkare", "oral_health"),
    ("sv", "hälsostation", "health_station"),
    ("sv", "närståendevård", "informal_and_family_care"),
    ("sv", "centralsjukhus", "central_hospital"),
    ("sv", "socialjour", "social_emergency"),
    ("sv", "familjeluren", "family_phone"),
    ("sv", "motionsrådgivning", "exercise_counselling"),
    ("fi", "mitkä kunnat kuuluvat Soiteen", "municipalities"),
    ("fi", "kuinka monta asukasta", "population"),
    ("fi", "Apua-nappi", "help_button"),
    ("fi", "digihoitopolku", "digital_care_paths"),
    ("fi", "olen huolissani äidistäni", "help_for_relative"),
    ("fi", "mitä käynti maksaa", "fees"),
    ("fi", "kielilaki", "own_language"),
    ("fi", "omaishoito", "informal_and_family_care"),
    ("fi", "valtionavustus", "centre_project_funding"),
    ("fi", "sosiaalipäivystys", "social_emergency"),
    ("fi", "suun terveydenhuolto", "oral_health"),
    ("fi", "pitkaaikaistyoton", "long_term_unemployed"),
    ("fi", "myrkytys", "poison_line"),
    ("fi", "Kellokoski-Kari", "centre_project_contact"),
    ("fi", "hammaslääkäri", "oral_health"),
    ("fi", "terveysasema", "health_station"),
    ("fi", "keskussairaala", "central_hospital"),
    ("fi", "terapianavigaattori", "therapy_navigator"),
    ("fi", "asiakasraati", "client_councils"),
    ("fi", "perheluuri", "family_phone"),
    ("fi", "liikuntaneuvonta", "exercise_counselling"),
]
HOSTILE = [
    "",
    " \t\n",
    "?!",
    "'",
    '"',
    "''",
    "\"kommuner\" 'Soite'",
    "kommuner AND OR NOT NEAR(Soite, 2)",
    "kommuner* ^Soite title_terms:Soite -Soite +Soite",
    "kommuner & | ! <-> (Soite) :* :A",
    "(((", ")", "*", ":", "\\", "\\'", "%", "_", "$1", ":query", "{}", "{0}",
    "'; DROP TABLE knowledge_section; --",
    "' OR 1=1 --",
    "Robert'); DELETE FROM knowledge_build;--",
    "😀 kommuner 👩‍⚕️",
    "😀😀😀",
    "kommuner\x00Soite",
    "kom\u200bmuner",
    "\u202ekommuner",
    "kommuner\ud800",
    "\udfff",
    "ﷺ ½ ² ① Ⅷ",
    "市町村 муниципалитет البلديات",
    "a" * 3000,
    "ä" * 3000,
    "市" * 1500,
    "kommuner " * 300,
    " ".join(f"ord{number}" for number in range(400)),
    "https://soite.fi/?a=b&c=d#e user@example.org 040-1234567",
    "- -- --- - -",
]  # fmt: skip


@pytest.mark.parametrize(("language", "question", "topic"), FOUND)
def test_a_question_finds_its_topic_first(
    built_knowledge: Knowledge, language: Language, question: str, topic: str
) -> None:
    hits = built_knowledge.search(question, language, 3, TODAY)
    assert [hit.topic for hit in hits][:1] == [topic], hits


@pytest.mark.parametrize(("language", "question"), [(language, question) for language, question, _ in FOUND])
def test_both_databases_find_the_same_first(
    knowledge: Knowledge, knowledge_on_postgresql: Knowledge, language: Language, question: str
) -> None:
    on_sqlite = knowledge.search(question, language, 3, TODAY)
    on_postgresql = knowledge_on_postgresql.search(question, language, 3, TODAY)
    assert on_sqlite[0] == on_postgresql[0]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("question", HOSTILE, ids=range(len(HOSTILE)))
def test_any_question_is_answered_without_an_error(
    built_knowledge: Knowledge, language: Language, question: str
) -> None:
    before = built_knowledge.fetch_build_hash()
    hits = built_knowledge.search(question, language, 3, TODAY)
    assert all(0 <= hit.score <= 1 for hit in hits)
    assert built_knowledge.fetch_build_hash() == before


@pytest.mark.parametrize(
    "question",
    ["😀 kommuner 👩‍⚕️", '"kommuner"', "'kommuner'", "kommuner & | !", "(kommuner)", "KOMMUNER?!", "kommuner\x00"],
)
def test_signs_around_a_word_do_not_hide_it(built_knowledge: Knowledge, question: str) -> None:
    assert built_knowledge.search(question, "sv", 1, TODAY)[0].topic == "municipalities"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_best_hit_comes_first_and_a_topic_once(built_knowledge: Knowledge, language: Language) -> None:
    question = {"sv": "tjänster och projekt i Soite", "fi": "palvelut ja hanke Soitessa"}[language]
    hits = built_knowledge.search(question, language, 10, TODAY)
    assert len(hits) == 10
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert len({hit.topic for hit in hits}) == 10
    assert built_knowledge.search(question, language, 2, TODAY) == hits[:2]


def test_words_that_no_document_has_lower_the_score(built_knowledge: Knowledge) -> None:
    alone = built_knowledge.search("kommuner", "sv", 1, TODAY)[0]
    among = built_knowledge.search("kommuner qzxw wxzq", "sv", 1, TODAY)[0]
    assert alone.topic == among.topic == "municipalities"
    assert among.score < alone.score


@pytest.mark.parametrize(
    ("language", "question"), [("sv", "vad är det som"), ("fi", "mikä se on"), ("sv", "qzxw wxzq")]
)
def test_where_nothing_is_near_nothing_is_found(built_knowledge: Knowledge, language: Language, question: str) -> None:
    assert built_knowledge.search(question, language, 3, TODAY) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_only_sections_of_the_language_are_found(built_knowledge: Knowledge, language: Language) -> None:
    titles = set(built_knowledge.fetch_titles(language, TODAY).values())
    hits = built_knowledge.search("Soite Innokylä Innobyn Robo-Sote", language, 20, TODAY)
    assert hits
    assert {hit.title for hit in hits} <= titles


@pytest.fixture
def small_knowledge(small_folder: SmallFolder, tmp_path: Path) -> Iterator[Knowledge]:
    engine = open_engine(sqlite_url(tmp_path / "small.db"))
    build_knowledge(engine, small_folder.path)
    yield Knowledge(engine)
    engine.dispose()


@pytest.mark.parametrize(
    ("day", "title"),
    [
        (dt.date(2022, 12, 31), "Vilka kommuner hörde till?"),
        (dt.date(2023, 1, 1), "Vilka kommuner hör till?"),
    ],
)
@pytest.mark.parametrize("question", ["kommuner", "tio kommuner i samkommunen", "åtta kommuner i området"])
def test_a_topic_is_not_found_by_a_section_that_does_not_hold(
    small_knowledge: Knowledge, question: str, day: dt.date, title: str
) -> None:
    (hit,) = [hit for hit in small_knowledge.search(question, "sv", 3, day) if hit.topic == "municipalities"]
    assert hit.title == title


def test_a_topic_of_the_past_alone_is_still_found(small_knowledge: Knowledge) -> None:
    assert small_knowledge.search("samkommunens strategi", "sv", 1, TODAY)[0].topic == "old_strategy"


def test_a_compounds_part_finds_less_than_the_compound_itself(small_folder: SmallFolder, tmp_path: Path) -> None:
    small_folder.edit("documents/county.sv.md", "Vem ger råd?", "Tid till läkare")
    small_folder.edit("documents/joint-authority.sv.md", "Samkommunens strategi", "Tid till tandläkare")
    engine = open_engine(sqlite_url(tmp_path / "compound.db"))
    build_knowledge(engine, small_folder.path)
    hits = Knowledge(engine).search("tandläkare", "sv", 3, TODAY)
    assert [hit.topic for hit in hits] == ["old_strategy", "counselling"]
    assert hits[0].score > hits[1].score
    engine.dispose()


def test_a_search_holds_one_connection_at_a_time(small_folder: SmallFolder, tmp_path: Path) -> None:
    """Searches that each wait for a second one would wait for each other, once the pool is empty."""
    engine = open_engine(sqlite_url(tmp_path / "small.db"))
    build_knowledge(engine, small_folder.path)
    held: list[int] = []
    event.listen(engine, "checkout", lambda *_: held.append(engine.pool.checkedout()))  # type: ignore[attr-defined]
    for question in ("kommuner", "samkommunen"):
        assert Knowledge(engine).search(question, "sv", 3, TODAY)
    assert set(held) == {1}
    engine.dispose()


def test_a_new_build_weighs_the_words_anew(small_folder: SmallFolder, tmp_path: Path) -> None:
    engine = open_engine(sqlite_url(tmp_path / "small.db"))
    question = "kommuner samkommunen"

    def _scores() -> dict[str, float]:
        return {hit.topic: hit.score for hit in Knowledge(engine).search(question, "sv", 3, TODAY)}

    build_knowledge(engine, small_folder.path)
    before = _scores()
    small_folder.edit("documents/county.sv.md", "Alla får ringa.", "Alla i samkommunen får ringa.")
    build_knowledge(engine, small_folder.path)
    assert _scores()["municipalities"] != before["municipalities"]
    other = open_engine(sqlite_url(tmp_path / "other.db"))
    build_knowledge(other, small_folder.path)
    assert Knowledge(other).search(question, "sv", 3, TODAY) == Knowledge(engine).search(question, "sv", 3, TODAY)
    engine.dispose()
    other.dispose()
