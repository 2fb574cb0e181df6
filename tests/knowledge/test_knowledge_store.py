"""Answers: one topic, one language, one day; the older is named as history. Everything on both databases."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from small_folder import SmallFolder

from knowledge.build import build_knowledge
from knowledge.engine import open_engine
from knowledge.languages import LANGUAGES, Language
from knowledge.reader import Source, Validity
from knowledge.services import ServiceHours
from knowledge.store import Answer, Knowledge

TODAY = dt.date(2026, 11, 22)
LAST_DAY_OF_THE_OLD, FIRST_DAY_OF_THE_NEW = dt.date(2022, 12, 31), dt.date(2023, 1, 1)
TEN, EIGHT = "Tio kommuner hörde till samkommunen.", "Åtta kommuner hör till området."


@pytest.fixture
def small_knowledge(small_folder: SmallFolder, database_url: str) -> Iterator[Knowledge]:
    engine = open_engine(database_url)
    build_knowledge(engine, small_folder.path)
    yield Knowledge(engine)
    engine.dispose()


def _answer(knowledge: Knowledge, topic: str, language: Language = "sv", today: dt.date = TODAY) -> Answer:
    answer = knowledge.fetch_answer(topic, language, today)
    assert answer is not None
    return answer


def test_an_answer_is_whole(small_knowledge: Knowledge) -> None:
    answer = _answer(small_knowledge, "counselling", "fi")
    assert (answer.topic, answer.language, answer.title) == ("counselling", "fi", "Kuka neuvoo?")
    assert (answer.lead, answer.details) == ("Soita neuvontaan.", "• Kaikki saavat soittaa.")
    assert answer.source == Source("Alueesta", "Alue", "fi", "2023-05", "https://example.org/")
    assert (answer.valid, answer.past, answer.history) == (Validity(dt.date(2023, 1, 1), None), False, ())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_source_is_listed_once_the_newest_first(small_knowledge: Knowledge, language: Language) -> None:
    sources = small_knowledge.fetch_sources(language)
    assert _answer(small_knowledge, "counselling", language).source in sources
    assert len(sources) == len(set(sources)) > 1
    assert [source.published for source in sources] == sorted((item.published for item in sources), reverse=True)


@pytest.mark.parametrize("topic", ["", "nothing", "Municipalities", "'; DROP TABLE knowledge_section; --"])
def test_an_unknown_topic_has_no_answer(small_knowledge: Knowledge, topic: str) -> None:
    assert small_knowledge.fetch_answer(topic, "sv", TODAY) is None


@pytest.mark.parametrize(
    ("today", "lead", "past", "history"),
    [
        (dt.date(2020, 1, 1), TEN, False, []),
        (LAST_DAY_OF_THE_OLD, TEN, False, []),
        (FIRST_DAY_OF_THE_NEW, EIGHT, False, [TEN]),
        (TODAY, EIGHT, False, [TEN]),
    ],
)
def test_the_section_that_holds_on_the_day_answers(
    small_knowledge: Knowledge, today: dt.date, lead: str, past: bool, history: list[str]
) -> None:
    answer = _answer(small_knowledge, "municipalities", today=today)
    assert (answer.lead, answer.past) == (lead, past)
    assert [older.lead for older in answer.history] == history


def test_history_names_its_source_and_its_time(small_knowledge: Knowledge) -> None:
    (older,) = _answer(small_knowledge, "municipalities", "fi").history
    assert older.lead == "Kuntayhtymään kuului kymmenen kuntaa."
    assert older.source == Source("Kuntayhtymästä", "Kuntayhtymä", "fi", "2020", None)
    assert older.valid == Validity(dt.date(2020, 1, 1), LAST_DAY_OF_THE_OLD)


@pytest.mark.parametrize(("today", "past"), [(LAST_DAY_OF_THE_OLD, False), (FIRST_DAY_OF_THE_NEW, True)])
def test_a_topic_of_the_past_alone_says_so_from_the_day_after_its_end(
    small_knowledge: Knowledge, today: dt.date, past: bool
) -> None:
    answer = _answer(small_knowledge, "old_strategy", today=today)
    assert (answer.lead, answer.past, answer.history) == (
        "Strategin gällde till slutet av år 2022.",
        past,
        (),
    )


def test_of_two_sections_that_hold_the_one_that_began_later_answers(
    small_knowledge: Knowledge, small_folder: SmallFolder
) -> None:
    small_folder.edit_twins("joint-authority", "to: 2022-12-31", "to: 2023-06-30")
    small_folder.edit_twins("joint-authority", "facts: {municipalities: 10}\n", "")
    build_knowledge(small_knowledge.engine, small_folder.path)
    during = _answer(small_knowledge, "municipalities", today=dt.date(2023, 6, 30))
    assert (during.lead, during.past, during.history) == (EIGHT, False, ())
    after = _answer(small_knowledge, "municipalities", today=dt.date(2023, 7, 1))
    assert [older.lead for older in after.history] == [TEN]


def test_a_section_that_has_not_begun_does_not_answer_where_an_ended_one_can(
    small_knowledge: Knowledge, small_folder: SmallFolder
) -> None:
    """A document prepared for the next year, with a gap after the old one."""
    small_folder.edit_twins("county", "{from: 2023-01-01}", "{from: 2027-01-01}")
    build_knowledge(small_knowledge.engine, small_folder.path)
    answer = _answer(small_knowledge, "municipalities")
    assert (answer.lead, answer.past, answer.history) == (TEN, True, ())
    assert small_knowledge.fetch_titles("sv", TODAY)["municipalities"] == "Vilka kommuner hörde till?"


@pytest.mark.parametrize(
    ("today", "title"),
    [(LAST_DAY_OF_THE_OLD, "Mitkä kunnat kuuluivat kuntayhtymään?"), (TODAY, "Mitkä kunnat kuuluvat alueeseen?")],
)
def test_a_topics_title_is_that_of_the_section_that_answers(
    small_knowledge: Knowledge, today: dt.date, title: str
) -> None:
    titles = small_knowledge.fetch_titles("fi", today)
    assert set(titles) == {"municipalities", "counselling", "old_strategy"}
    assert titles["municipalities"] == _answer(small_knowledge, "municipalities", "fi", today).title == title


def test_related_topics_come_with_their_titles(small_knowledge: Knowledge) -> None:
    assert _answer(small_knowledge, "municipalities", "sv").related == (("counselling", "Vem ger råd?"),)
    assert _answer(small_knowledge, "municipalities", "fi").related == (("counselling", "Kuka neuvoo?"),)
    assert _answer(small_knowledge, "counselling").related == ()


@pytest.mark.parametrize(
    ("language", "numbers", "names"),
    [
        ("sv", ["06 000 0001", "06 000 0002"], ["Telefon", "Telefon på finska"]),
        ("fi", ["06 000 0002", "06 000 0001"], ["Puhelin suomeksi", "Puhelin ruotsiksi"]),
    ],
)
def test_the_channel_that_serves_in_the_residents_language_comes_first(
    small_knowledge: Knowledge, language: Language, numbers: list[str], names: list[str]
) -> None:
    channels = _answer(small_knowledge, "counselling", language).channels
    assert [channel.number for channel in channels] == numbers
    assert [channel.name for channel in channels] == names
    assert channels == small_knowledge.fetch_channels(["counselling"], language)


def test_a_channel_is_whole(small_knowledge: Knowledge) -> None:
    channel = small_knowledge.fetch_channels(["counselling"], "sv")[0]
    assert (channel.service, channel.service_name, channel.type) == ("counselling", "Rådgivningen", "phone")
    assert (channel.charge, channel.always_open, channel.languages) == ("normal", False, ("sv",))
    assert channel.hours == (ServiceHours(("mon", "tue"), "08:00", "16:00", None, "2027-06-30"),)
    assert (channel.url, channel.address) == (None, None)


def test_an_unknown_service_has_no_channels(small_knowledge: Knowledge) -> None:
    assert small_knowledge.fetch_channels(["nothing"], "sv") == ()
    assert small_knowledge.fetch_channels([], "sv") == ()


def test_all_published_numbers_are_known(small_knowledge: Knowledge) -> None:
    assert set(small_knowledge.fetch_numbers()) == {"06 000 0001", "06 000 0002"}


@pytest.mark.parametrize(
    ("language", "now", "then"),
    [
        ("sv", ["Åtta", "Halsua", "Kannus", "Karleby", "Kaustby", "Lestijärvi", "Perho", "Toholampi", "Vetil"], "tio"),
        (
            "fi",
            ["kahdeksan", "Halsua", "Kannus", "Kaustinen", "Kokkola", "Lestijärvi", "Perho", "Toholampi", "Veteli"],
            "kymmenen",
        ),
    ],
)
def test_eight_municipalities_answer_and_ten_are_history(
    built_knowledge: Knowledge, language: Language, now: list[str], then: str
) -> None:
    answer = _answer(built_knowledge, "municipalities", language)
    assert [name for name in now if name not in answer.lead] == []
    assert answer.source.published == "2021-06-29"
    (older,) = answer.history
    assert then in older.lead
    assert older.valid.end == LAST_DAY_OF_THE_OLD
    assert then in _answer(built_knowledge, "municipalities", language, LAST_DAY_OF_THE_OLD).lead


@pytest.mark.parametrize("language", LANGUAGES)
def test_residents_today_answer_and_those_of_the_joint_authority_are_history(
    built_knowledge: Knowledge, language: Language
) -> None:
    answer = _answer(built_knowledge, "population", language)
    assert "68 000" in answer.lead
    assert ["78 000" in older.lead for older in answer.history] == [True]


@pytest.mark.parametrize(
    ("language", "six", "five"),
    [
        (
            "sv",
            ["sex", "mod", "säkerhet", "delaktighet", "likvärdighet", "effektfullhet", "värdesättande bemötande"],
            ["fem", "öppenhet", "delaktighet", "ansvarsfullhet", "likvärdighet", "respektfullt bemötande"],
        ),
        (
            "fi",
            ["kuusi", "rohkeus", "turvallisuus", "osallisuus", "yhdenvertaisuus", "vaikuttavuus", "arvostava kohtaam"],
            ["viisi", "avoimuus", "osallisuus", "vastuullisuus", "yhdenvertaisuus", "kunnioittava kohtaaminen"],
        ),
    ],
)
def test_six_values_answer_and_the_five_of_the_joint_authority_are_history(
    built_knowledge: Knowledge, language: Language, six: list[str], five: list[str]
) -> None:
    answer = _answer(built_knowledge, "values", language)
    assert [value for value in six if value not in answer.lead] == []
    (older,) = answer.history
    assert [value for value in five if value not in older.lead] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "topic", ["strategy_2020_2022", "strategy_2020_2022_implementation", "structural_reform_period", "staff"]
)
def test_a_topic_of_former_documents_alone_is_past(built_knowledge: Knowledge, topic: str, language: Language) -> None:
    assert _answer(built_knowledge, topic, language).past is True


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("topic", ["values", "municipalities", "counselling", "emergency_number", "own_language"])
def test_a_topic_of_a_present_document_is_not_past(built_knowledge: Knowledge, topic: str, language: Language) -> None:
    assert _answer(built_knowledge, topic, language).past is False


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_county_is_the_answer_from_the_first_day_of_2023(built_knowledge: Knowledge, language: Language) -> None:
    then = _answer(built_knowledge, "beginnings", language, LAST_DAY_OF_THE_OLD)
    now = _answer(built_knowledge, "beginnings", language, FIRST_DAY_OF_THE_NEW)
    assert "1.1.2017" in then.lead
    assert "1.1.2023" not in then.lead
    assert "1.1.2017" in now.lead
    assert "1.1.2023" in now.lead


@pytest.mark.parametrize(("language", "number"), [("sv", "09 2525 0112"), ("fi", "09 2525 0111")])
def test_the_crisis_line_of_the_residents_language_comes_first(
    built_knowledge: Knowledge, language: Language, number: str
) -> None:
    assert _answer(built_knowledge, "crisis_line", language).channels[0].number == number


def test_every_topic_answers_in_both_languages_with_a_source_and_its_date(built_knowledge: Knowledge) -> None:
    swedish, finnish = (built_knowledge.fetch_titles(language, TODAY) for language in LANGUAGES)
    assert set(swedish) == set(finnish)
    for language in LANGUAGES:
        for topic in swedish:
            answer = _answer(built_knowledge, topic, language)
            assert answer.lead
            assert answer.source.published
            assert answer.source.title


def test_what_was_read_is_read_anew_after_a_build(small_knowledge: Knowledge, small_folder: SmallFolder) -> None:
    assert _answer(small_knowledge, "counselling").lead == "Ring rådgivningen."
    numbers = small_knowledge.fetch_numbers()
    document = next(
        path for path in small_folder.path.rglob("*.md") if "Ring rådgivningen." in path.read_text(encoding="utf-8")
    )
    changed = document.read_text(encoding="utf-8").replace("Ring rådgivningen.", "Kom till rådgivningen.")
    document.write_text(changed, encoding="utf-8")
    assert _answer(small_knowledge, "counselling").lead == "Ring rådgivningen."
    build_knowledge(small_knowledge.engine, small_folder.path)
    assert _answer(small_knowledge, "counselling").lead == "Kom till rådgivningen."
    assert small_knowledge.fetch_numbers() == numbers


def test_an_answer_is_kept_for_its_day_and_language(small_knowledge: Knowledge) -> None:
    leads = [
        _answer(small_knowledge, "municipalities", language, day).lead
        for day in (TODAY, LAST_DAY_OF_THE_OLD, TODAY)
        for language in LANGUAGES
    ]
    assert leads[:2] == leads[4:]
    assert len(set(leads)) == 4
