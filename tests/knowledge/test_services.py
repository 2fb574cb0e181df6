"""Service records are read with their channels; everything that is wrong with a record is named."""

from __future__ import annotations

import re

import pytest
from small_folder import SmallFolder

from knowledge.build import KNOWLEDGE_FOLDER
from knowledge.services import Channel, Service, ServiceHours, read_services

RECORD = "services/counselling.yml"
SOURCE = 'source: {title: "Webbplatsen", publisher: "Området", published: "2026"}'


def _read(folder: SmallFolder) -> tuple[list[Service], list[str]]:
    services, problems = read_services(folder.path / "services")
    return services, [str(problem) for problem in problems]


def test_a_record_is_read_whole(small_folder: SmallFolder) -> None:
    services, problems = _read(small_folder)
    assert problems == []
    (service,) = services
    assert (service.id, service.topic, service.names_reviewed) == ("counselling", "counselling", True)
    assert service.names == {"sv": "Rådgivningen", "fi": "Neuvonta"}
    assert service.summaries == {"sv": "Ger råd.", "fi": "Neuvoo."}
    assert service.channels == (
        Channel(
            id="counselling_finnish",
            type="phone",
            names={"sv": "Telefon på finska", "fi": "Puhelin suomeksi"},
            languages=("fi",),
            number="06 000 0002",
        ),
        Channel(
            id="counselling_swedish",
            type="phone",
            names={"sv": "Telefon", "fi": "Puhelin ruotsiksi"},
            languages=("sv",),
            number="06 000 0001",
            charge="normal",
            hours=(ServiceHours(("mon", "tue"), "08:00", "16:00", None, "2027-06-30"),),
        ),
    )


def test_a_channel_without_languages_serves_in_both(small_folder: SmallFolder) -> None:
    small_folder.edit(RECORD, "    languages: [fi]\n", "")
    assert _read(small_folder)[0][0].channels[0].languages == ("sv", "fi")


def test_a_channel_may_be_open_always(small_folder: SmallFolder) -> None:
    small_folder.edit(RECORD, "    charge: normal\n", "")
    small_folder.edit(
        RECORD,
        'hours:\n      - {days: [mon, tue], from: "08:00", to: "16:00", valid_to: "2027-06-30"}',
        "hours: always",
    )
    services, problems = _read(small_folder)
    assert problems == []
    assert services[0].channels[1].hours == "always"


def test_records_come_in_the_order_of_their_names(small_folder: SmallFolder) -> None:
    text = (small_folder.path / RECORD).read_text(encoding="utf-8")
    for name in ("zebra", "aid"):
        small_folder.write(f"services/{name}.yml", text.replace("id: counselling", f"id: {name}"))
    assert [service.id for service in _read(small_folder)[0]] == ["aid", "counselling", "zebra"]


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("names_reviewed: true", "names_reviewed: [", "is not valid YAML: "),
        ("id: counselling\n", "id: advice\n", "says id 'advice', its file name says 'counselling'; make them the same"),
        ("topic: counselling\n", "", "lacks 'topic', the id of the topic that describes it"),
        (', fi: "Neuvonta"', "", "names must have a text in both languages: names: {sv: …, fi: …}"),
        ('sv: "Ger råd."', 'sv: ""', "summaries must have a text in both languages: summaries: {sv: …, fi: …}"),
        ('names: {sv: "Rådgivningen", fi: "Neuvonta"}', "names: Rådgivningen", "names must have a text in both"),
        ("  - id: counselling_finnish\n    type", "  - type", "a channel must be 'key: value' lines with an id"),
        (
            "  - id: counselling_finnish",
            "  - counselling_line\n  - id: counselling_finnish",
            "a channel must be 'key: value' lines with an id",
        ),
        (
            "type: phone",
            "type: pigeon",
            "channel 'counselling_finnish' has type 'pigeon'; known are phone, e_channel, web_page, service_location, "
            "printable_form",
        ),
        (
            'number: "06 000 0002"',
            "url: soite.fi",
            "channel 'counselling_finnish' has the url 'soite.fi'; it must begin with https://",
        ),
        (
            "charge: normal",
            "hours: sometimes\n    charge: normal",
            "channel 'counselling_swedish': hours must be null, always, or a list of days with from and to",
        ),
        (
            "[mon, tue]",
            "[mon, tuesday]",
            "channel 'counselling_swedish': hours need days out of mon, tue, wed, thu, fri, sat, sun",
        ),
        ("days: [mon, tue], ", "", "channel 'counselling_swedish': hours need days out of mon, tue, wed, thu"),
        (
            '"16:00"',
            "16:00",
            "channel 'counselling_swedish': hours need from and to as \"08:00\", in quotation marks",
        ),
        (', to: "16:00"', "", "channel 'counselling_swedish': hours need from and to as"),
        ('"16:00"', '"16:60"', "channel 'counselling_swedish': hours need from and to as"),
        ('"16:00"', '"24:30"', "channel 'counselling_swedish': hours need from and to as"),
        ("channels:\n", "channels: 5\nother:\n", "channels must be a list"),
        ("languages: [sv]", "languages: [se]", "channel 'counselling_swedish' has the language 'se'"),
        ("\nsource: {", "\nsources: {", "lacks 'source'; write source: {title: "),
        (SOURCE, "source: Webbplatsen", "lacks 'source'; write source: {title: "),
        ('title: "Webbplatsen", ', "", "the source lacks title: a text, or {sv: …, fi: …}"),
        ('"Webbplatsen"', '{sv: "Webbplatsen"}', "the source's title must have a text in both languages"),
        ('publisher: "Området", ', "", "the source lacks publisher"),
        (', published: "2026"', "", "the source lacks published, the month when the facts were checked"),
        ('published: "2026"', 'published: "i november"', "the source's published: 'i november' is no date; write YYYY"),
        ('published: "2026"', 'published: "2026-13"', "the source's published: "),
        (
            'published: "2026"',
            'published: "2026", url: soite.fi',
            "the source has the url 'soite.fi'; it must begin with",
        ),
        ('"2027-06-30"', '"juni 2027"', "channel 'counselling_swedish': valid_to 'juni 2027' of its hours is no date"),
        (
            '"2027-06-30"',
            '"2027-06-31"',
            "channel 'counselling_swedish': valid_to '2027-06-31' of its hours is no date",
        ),
        ("languages: [sv]", "languages: sv", "channel 'counselling_swedish': languages must be a list"),
    ],
)
def test_a_mistake_in_a_record_is_named(small_folder: SmallFolder, old: str, new: str, problem: str) -> None:
    if new.startswith("hours: sometimes"):
        small_folder.edit(RECORD, "    hours:\n      - {", "    other:\n      - {")
    small_folder.edit(RECORD, old, new)
    problems = _read(small_folder)[1]
    assert any(found.startswith(f"counselling.yml: {problem}") for found in problems), problems


@pytest.mark.parametrize("content", ["", "- a list\n", "text\n", "null\n"])
def test_a_file_that_is_no_record_is_a_problem(small_folder: SmallFolder, content: str) -> None:
    small_folder.write(RECORD, content)
    assert _read(small_folder) == (
        [],
        ["counselling.yml: must be 'key: value' lines: id, topic, names, summaries, channels, source"],
    )


def test_a_record_that_is_not_utf_8_is_a_problem(small_folder: SmallFolder) -> None:
    small_folder.write(RECORD, 'names: {sv: "Rådgivning"}'.encode("latin-1"))
    services, problems = _read(small_folder)
    assert services == []
    assert len(problems) == 1


def test_a_record_with_a_day_that_no_month_has_is_a_problem_and_not_a_crash(small_folder: SmallFolder) -> None:
    small_folder.edit(RECORD, 'published: "2026"', "published: 2026-02-30")
    assert _read(small_folder)[1]


@pytest.mark.parametrize(
    "source",
    [
        'source: {title: {sv: "Webbplatsen", fi: "Sivut"}, publisher: {sv: "Området", fi: "Alue"}, published: 2026}',
        'source: {title: "Webbplatsen", publisher: "Området", published: 2026-11-05, url: "https://soite.fi"}',
        'source: {title: "Webbplatsen", publisher: "Området", published: "2026-11"}',
    ],
)
def test_a_source_may_be_in_one_text_or_two_and_as_exact_as_is_known(small_folder: SmallFolder, source: str) -> None:
    small_folder.edit(RECORD, SOURCE, source)
    assert _read(small_folder)[1] == []


def test_every_mistake_of_a_record_is_named_at_once(small_folder: SmallFolder) -> None:
    small_folder.edit(RECORD, "id: counselling\n", "id: advice\n")
    small_folder.edit(RECORD, ', fi: "Neuvonta"', "")
    small_folder.edit(RECORD, "[mon, tue]", "[monday]")
    assert len(_read(small_folder)[1]) == 3


@pytest.mark.parametrize("number", ["0206121234", "0600123456", "0800147111", "080005005", "116117", "112"])
def test_a_number_without_quotation_marks_is_never_shown_as_another_one(small_folder: SmallFolder, number: str) -> None:
    """YAML 1.1 reads `0206121234` as an octal number."""
    small_folder.edit(RECORD, '"06 000 0002"', number)
    services, problems = _read(small_folder)
    assert services[0].channels[0].number == number or any("quotation marks" in problem for problem in problems)


def test_the_projects_records_are_right() -> None:
    services, problems = read_services(KNOWLEDGE_FOLDER / "services")
    assert problems == []
    assert len({channel.id for service in services for channel in service.channels}) == sum(
        len(service.channels) for service in services
    )


@pytest.mark.parametrize(
    ("channel", "number", "languages"),
    [
        ("emergency_112_phone", "112", ("sv", "fi")),
        ("medical_helpline_116117_phone", "116117", ("sv", "fi")),
        ("violence_line_phone", "080005005", ("sv", "fi")),
        ("poison_line_phone", "0800147111", ("sv", "fi")),
        ("crisis_line_phone_sv", "0925250112", ("sv",)),
        ("crisis_line_phone_fi", "0925250111", ("fi",)),
        ("child_youth_line_phone_sv", "080096116", ("sv",)),
        ("child_youth_line_phone_fi", "116111", ("fi",)),
    ],
)
def test_the_help_lines_have_their_published_numbers(channel: str, number: str, languages: tuple[str, ...]) -> None:
    channels = {
        item.id: item for service in read_services(KNOWLEDGE_FOLDER / "services")[0] for item in service.channels
    }
    assert re.sub(r"\s", "", channels[channel].number or "") == number
    assert set(channels[channel].languages) == set(languages)
