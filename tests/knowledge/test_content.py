"""What the documents say: each number and name of the sources, under its topic, in both languages."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from knowledge.build import KNOWLEDGE_FOLDER, read_topics
from knowledge.languages import LANGUAGES, Language
from knowledge.store import Answer, Knowledge

TODAY = dt.date(2026, 11, 22)
COUNSELLING: dict[Language, str] = {
    "sv": "Social- och hälsovårdstjänsternas rådgivning",
    "fi": "Sosiaali- ja terveyspalveluneuvon",
}
_PROJECT = "2020–2022"

FACTS: dict[str, tuple[list[str], list[str]]] = {
    # The county today
    "what_is_soite": (
        ["Mellersta Österbottens välfärdsområde", "åtta", "1.1.2023", "räddningsväsendet"],
        ["Keski-Pohjanmaan hyvinvointialue", "kahdeksan", "1.1.2023", "pelastustoimen"],
    ),
    "beginnings": (["1.1.2017", "1.1.2023", "samkommun"], ["1.1.2017", "1.1.2023", "kuntayhtymä"]),
    "municipalities": (
        ["Åtta", "Halsua", "Kannus", "Karleby", "Kaustby", "Lestijärvi", "Perho", "Toholampi", "Vetil", "tio"],
        ["kahdeksan", "Halsua", "Kannus", "Kokkola", "Kaustinen", "Lestijärvi", "Perho", "Toholampi", "Veteli"],
    ),
    "population": (["68 000", "åtta", "78 000"], ["68 000", "kahdeksaa", "78 000"]),
    "own_language": (["423/2003", "svenska", "finska", "tolk"], ["423/2003", "suomea", "ruotsia", "tulk"]),
    "contact_details": (
        ["soite.fi", "112", "116117", COUNSELLING["sv"]],
        ["soite.fi", "112", "116117", COUNSELLING["fi"]],
    ),
    # Emergency and help lines: the number in the resident's language, and always 112
    "emergency_number": (
        ["112", "116117", "bröstet", "andas", "medvetslöshet", "förlamning", "kramper", "brand", "våld", "överdos"],
        ["112", "116117", "rintakipu", "hengitys", "tajuttomuus", "halvaus", "kouristelu", "tulipalo", "väkivalta"],
    ),
    "urgent_care": (["Jourhjälpen", "116117", "112", "dygnet runt"], ["Päivystysapu", "116117", "112", "vuorokauden"]),
    "crisis_line": (
        ["Kristelefonen", "09 2525 0112", "09 2525 0111", "112"],
        ["Kriisipuhelime", "09 2525 0111", "09 2525 0112", "112"],
    ),
    "violence_line": (["Nollinjen", "080 005 005", "112", "gratis"], ["Nollalinja", "080 005 005", "112", "maksuton"]),
    "poison_line": (
        ["Giftinformationscentralen", "0800 147 111", "112"],
        ["Myrkytystietokeskus", "0800 147 111", "112"],
    ),
    "child_youth_line": (
        ["Barn- och ungdomstelefonen", "0800 96 116", "116 111", "112"],
        ["Lasten ja nuorten puhelin", "116 111", "0800 96 116", "112"],
    ),
    # The county's strategy
    "mission": (["Välfärd", "hälsa", "säkerhet", "människan"], ["hyvinvointi", "terveys", "turvallisuus", "ihmistä"]),
    "vision": (["Finlands mest välfungerande välfärdsområde"], ["Suomen toimivin hyvinvointialue"]),
    "values": (
        ["sex", "mod", "säkerhet", "delaktighet", "likvärdighet", "effektfullhet", "värdesättande", "ansvarsfullhet"],
        ["kuusi", "rohkeus", "turvallisuus", "osallisuus", "yhdenvertaisuus", "vaikuttavuus", "arvostava", "avoimuus"],
    ),
    "focus_areas": (
        ["fem", "servicekedjor", "grundtjänster", "centralsjukhus", "ledarskap", "personal", "samarbete"],
        ["viisi", "palveluketju", "peruspalvelu", "keskussairaala", "johtaminen", "henkilöstö", "yhteistyö"],
    ),
    "strategy_preparation": (
        ["13.6.2022", "Kalajoki", "fullmäktige", "framgångsfaktorer"],
        ["13.6.2022", "Kalajoella", "aluevaltuuston", "menestystekij"],
    ),
    "strategy_programmes": (
        ["tak", "2022", "servicestrategi", "servicenivå", "personalprogrammet", "köpta tjänster", "fastigheter"],
        ["kato", "2022", "palvelustrategia", "palvelutasosta", "henkilöstöohjelma", "ostopalvelu", "kiinteistö"],
    ),
    "brand_name": (["Soite", "styrelsen", "fullmäktige", "rädda"], ["Soite", "aluehallitus", "aluevaltuustolle"]),
    "rescue_services": (
        ["Räddningsverket", "vårda, betjäna och rädda", "112"],
        ["Pelastuslaitos", "hoitaa, palvella ja pelastaa", "112"],
    ),
    # Services: what the project for the health and social services centre led to
    "counselling": (
        [COUNSELLING["sv"], "alla åldrar", "närstående", "servicerådgivning", "servicehandledning", "en kontakt"],
        [COUNSELLING["fi"], "iästä riippumatta", "läheise", "palveluneuvonta", "palveluohjaus", "yksi yhteydenotto"],
    ),
    "social_and_health_centre": (
        ["inte ett enda hus", "2020–2023", COUNSELLING["sv"]],
        ["ei ole yksi rakennus", "2020–2023", COUNSELLING["fi"]],
    ),
    "help_for_relative": ([COUNSELLING["sv"], "närstående", "112"], [COUNSELLING["fi"], "läheise", "112"]),
    "low_threshold_services": (
        ["Hjälp-knappen", "Familje-Luren", "uppsökande", COUNSELLING["sv"]],
        ["Apua-nappi", "Perheluuri", "etsivää", COUNSELLING["fi"]],
    ),
    "multi_service_process": (["mångserviceprocess", COUNSELLING["sv"]], ["monipalveluasiakkaan", COUNSELLING["fi"]]),
    "health_station": (
        ["hälsostation", "icke-brådskande", "första gången", "116117", "112"],
        ["terveysasema", "Kiireettömän", "ensimmäisestä", "116117", "112"],
    ),
    "digital_care_paths": (["12", "Hälsobyn"], ["12", "Terveyskylä"]),
    "digital_services": (["12", "Hälsobyn", "soite.fi"], ["12", "Terveyskylä", "soite.fi"]),
    "family_centre": (["familjecentermodell", COUNSELLING["sv"]], ["perhekeskusmalli", COUNSELLING["fi"]]),
    "family_service_guidance": (
        ["Hjälp-knappen", "Familje-Luren", "nepsy-handledning", "låg tröskel"],
        ["Apua-na", "Perheluuri", "nepsy-ohjaus", "matalalla kynnyksellä"],
    ),
    "help_button": (["Hjälp-knappen", "barnfamiljer", "112"], ["Apua-nappi", "lapsiperhe", "112"]),
    "family_phone": (["Familje-Luren", "barnfamiljer", "låg tröskel"], ["Perheluuri", "lapsiperhe", "kynny"]),
    "nepsy_guidance": (["Nepsy-handledning", "adhd", "Hjälp-knappen"], ["Nepsy-ohjaus", "adhd", "Apua-napi"]),
    "rehabilitation": (["gruppterapi", "Terapinavigatorn"], ["ryhmäterapia", "Terapianavigaattori"]),
    "exercise_counselling": (["motionsrådgivning", "kommun", "levnadsvanor"], ["liikuntaneuvon", "kunna", "elintav"]),
    "mental_health": (
        ["Terapinavigatorn", "vuxenpsykiatrisk", "112"],
        ["Terapianavigaattori", "aikuispsykiatri", "112"],
    ),
    "therapy_navigator": (["Terapinavigatorn", "vuxenpsykiatrisk"], ["Terapianavigaattori", "aikuispsykiatri"]),
    "substance_abuse": (["gruppterapi", COUNSELLING["sv"], "112"], ["ryhmäterapia", COUNSELLING["fi"], "112"]),
    "long_term_unemployed": (["långtidsarbetslösa", "låg tröskel"], ["pitkäaikaistyöttömien", "matalan kynnyksen"]),
    "experience_experts": (["erfarenhetsexpert", "nöjdare"], ["kokemusasiantuntij", "tyytyväisempiä"]),
    "oral_health": (["munhälsovård", "tandläkare", "soite.fi"], ["suun terveydenhuolto", "hammaslääkäri", "soite.fi"]),
    "maternity_and_child_clinic": (["mödra- och barnrådgivningen", "soite.fi"], ["neuvola", "soite.fi"]),
    "social_emergency": (["socialjour", "112", "soite.fi"], ["sosiaalipäivystys", "112", "soite.fi"]),
    "home_care": (["hemvård", COUNSELLING["sv"], "2020–2022"], ["kotihoi", COUNSELLING["fi"], "2020–2022"]),
    "fees": (["klientavgifter", "soite.fi"], ["asiakasmaksut", "soite.fi"]),
    # The project for the health and social services centre: results and facts
    "centre_project_results": (
        ["nio", "12", "9.", "Hälsobyn", "Terapinavigatorn", "mångserviceprocessen", "motionsrådgivning"],
        ["yhdeksän", "12", "9.", "Terveyskylä", "Terapianavigaattori", "monipalveluasiakkaan", "liikuntaneuvonta"],
    ),
    "centre_project_funding": (["4 903 897", "statsunderstöd"], ["4 903 897", "valtionavustusta"]),
    "centre_project_coordination": (
        ["FUIK", "forskning", "utveckling", "innovation", "kompetens", "delaktighet"],
        ["FUIK", "tutkimus", "kehittäminen", "innovaatiot", "osaaminen", "osallisuus"],
    ),
    "centre_project_participants": (
        ["munhälsovården", "jourtjänsterna", "dataadministrationen", "skolor", "erfarenhetsexperter", "marknadsföring"],
        ["suun terveydenhuolto", "päivystys", "tietohallinto", "koulut", "kokemusasiantuntijat", "markkinointi"],
    ),
    "centre_project_period": (["2020–2023", "22 november 2023"], ["2020–2023", "22.11.2023"]),
    "centre_project_more_information": (["innokyla.fi", "YouTube"], ["innokyla.fi", "YouTube"]),
    # The project Soite 2.0: the plan
    "national_programme": (["Marin", _PROJECT, "soteuudistus.fi"], ["Marin", _PROJECT, "soteuudistus.fi"]),
    "centre_project_aim": ([_PROJECT, "förtroende", "integration"], [_PROJECT, "luottamusta", "integraatio"]),
    "centre_project_priorities": (
        [_PROJECT, "primärvården", "socialvården", "mentalvården", "rehabilitering", "särskilt stöd"],
        [_PROJECT, "perusterveydenhuolto", "sosiaalihuolto", "mielenterveyspalvelu", "kuntoutus", "erityistä tukea"],
    ),
    "centre_project_goals": (
        [_PROJECT, "fem", "servicedesign", "servicevägar", "självbestämmande", "kunskapsledning", "förebyggande"],
        [_PROJECT, "viittä", "palvelumuotoilu", "palvelupolut", "itsemääräämi", "tiedolla johtaminen", "ehkäisevät"],
    ),
    "centre_project_subprojects": (
        [_PROJECT, "tolv", "12.", "OmaSoite", "utvecklarsocialarbetare", "familjerådgivning", "Strukturreform"],
        [_PROJECT, "kaksitoista", "12.", "OmaSoite", "kehittäjäsosiaalityöntekijä", "perheneuvola", "Rakenneuudistus"],
    ),
    "centre_project_contact": (
        ["Eija Kellokoski-Kari", "040 804 2981", "inte ett servicenummer", COUNSELLING["sv"]],
        ["Eija Kellokoski-Kari", "040 804 2981", "ei ole palvelunumero", COUNSELLING["fi"]],
    ),
    "developer_social_worker": ([_PROJECT, COUNSELLING["sv"]], [_PROJECT, COUNSELLING["fi"]]),
    "older_people": (["OmaSoite", _PROJECT, COUNSELLING["sv"]], ["OmaSoite", _PROJECT, COUNSELLING["fi"]]),
    "informal_and_family_care": (["center", "familjevård", _PROJECT], ["omais- ja perhehoitokeskus", _PROJECT]),
    "family_counselling": (["familjerådgivning", _PROJECT, "112"], ["perheneuvola", _PROJECT, "112"]),
    "child_youth_mental_health": ([_PROJECT, COUNSELLING["sv"], "112"], [_PROJECT, COUNSELLING["fi"], "112"]),
    "adult_social_work": (["socialservice för vuxna", _PROJECT], ["aikuissosiaalityö", _PROJECT]),
    # The joint authority
    "staff": (["4 000", "vårdpersonalen", "läkarna"], ["4 000", "hoitohenkilöstö", "lääkärit"]),
    "integration": (["djup integration", "basservice"], ["syvään integraatioon", "peruspalvelut"]),
    "motto": (["individen i centrum"], ["ihminen keskiössä"]),
    "central_hospital": (
        ["200 000", "specialsjukvård", "Mellersta Österbottens centralsjukhus", "jour"],
        ["200 000", "erikoissairaanhoidosta", "Keski-Pohjanmaan keskussairaala", "päivystä"],
    ),
    "strategy_2020_2022": (
        ["sju", "individen i centrum", "bo och leva hemma", "kunskapsledning", "centralsjukhus"],
        ["seitsemän", "ihminen keskiössä", "kotona asumiselle", "tiedolla johtaminen", "keskussairaala"],
    ),
    "strategy_2020_2022_implementation": (
        ["tretton", "realtid", "arbetsgivare", "image", "e-tjänster", "Chefer", "respons"],
        ["kolmetoista", "reaaliajassa", "työnantaja", "imago", "sähköisiä", "esihenkilöt", "palaute"],
    ),
    "equality": (["jämställdhetsplan", "genomskinlig"], ["tasa-arvosuunnitelma", "läpinäkyvä"]),
    "client_data": (["realtid", "2020–2022"], ["reaaliajassa", "2020–2022"]),
    "feedback": (["respons", "soite.fi"], ["palaute", "soite.fi"]),
    "work_at_soite": (["arbetsgivare", "soite.fi"], ["työnantaja", "soite.fi"]),
    "knowledge_management": (["Kunskapsledning", "Soite 2.0"], ["Tiedolla johtaminen", "Soite 2.0"]),
    # The structural reform
    "structural_reform_aim": (["förra regeringen", "ordna"], ["edellinen hallitus", "järjestetään"]),
    "structural_reform_background": (["1.1.2017", "tre", "flaskhalsar"], ["1.1.2017", "kolmen", "pullonkauloista"]),
    "structural_reform_ostrobothnia": (["Österbotten", "räddningsväsendet"], ["Pohjanmaa", "pelastustoi"]),
    "structural_reform_period": (["2020–2021"], ["2020–2021"]),
    "structural_reform_funder": (["Social- och hälsovårdsministeriet"], ["Sosiaali- ja terveysministeriö", "STM"]),
    "structural_reform_stakeholders": (
        ["HYTE", "LAPE", "SONet BOTNIA", "THL", "OYS-erva", "Chydenius", "Centria", "Kaustby", "förbund", "klientråd"],
        ["HYTE", "LAPE", "SONet BOTNIA", "THL", "OYS-erva", "Chydenius", "Centria", "Kaustisen", "liitto", "KPEDU"],
    ),
    "structural_reform_steering_group": (
        ["styrgrupp", "personal", "medlemskommunerna", "klientråd", "koordinatorer"],
        ["ohjausryhmä", "henkilöstö", "jäsenkunnat", "asiakasraadit", "koordinaattorit"],
    ),
    "structural_reform_contact": (
        ["Tuija Tuorila", "tuija.tuorila@soite.fi", "2020–2021"],
        ["Tuija Tuorila", "tuija.tuorila@soite.fi", "2020–2021"],
    ),
    "project_relations": (["Soite 2.0", "styrgrupp", "statsunderstöd"], ["Soite 2.0", "ohjausryhmä", "avustu"]),
    "innokyla": (
        ["Innobyn", "17.9.2020", "29.9.2021", "ledarskap"],
        ["Innokylä", "17.9.2020", "29.9.2021", "johtaminen"],
    ),
    "other_projects": (
        ["Robo-Sote", "Kansa-koulu III", "KASE Smart Countryside"],
        ["Robo-Sote", "Kansa-koulu III", "KASE Smart Countryside"],
    ),
    "client_councils": (
        ["tre klientråd", "arbetsför ålder", "äldre"],
        ["kolme asiakasraatia", "työikäisille", "ikäihmisille"],
    ),
    "disability_and_older_councils": (["handikappråd", "äldreråd"], ["vammaisneuvosto", "vanhusneuvosto"]),
    "participation_programme": (
        ["Osallistu – Soiten osallisuuden edistämisen ohjelma", "utvecklingstjänster"],
        ["Osallistu – Soiten osallisuuden edistämisen ohjelma", "kehittämispalvelut"],
    ),
    "disability_services": (["Specialomsorgsdistriktet", "soite.fi"], ["Erityishuoltopiirin", "soite.fi"]),
}  # fmt: skip


def _spoken(answer: Answer) -> str:
    """All that an answer's sections say, with every kind of space as one."""
    older = [section.lead for section in answer.history]
    return " ".join("\n".join([answer.title, answer.lead, answer.details, *older]).split())


def test_the_table_knows_all_89_topics() -> None:
    assert set(FACTS) == set(read_topics())
    assert len(FACTS) == 89


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("topic", FACTS)
def test_a_topic_says_its_facts(knowledge: Knowledge, topic: str, language: Language) -> None:
    answer = knowledge.fetch_answer(topic, language, TODAY)
    assert answer is not None
    said = _spoken(answer).lower()
    assert [fact for fact in FACTS[topic][LANGUAGES.index(language)] if fact.lower() not in said] == []


@pytest.mark.parametrize(
    ("topic", "number", "language"),
    [
        ("crisis_line", "09 2525 0112", "sv"),
        ("crisis_line", "09 2525 0111", "fi"),
        ("child_youth_line", "0800 96 116", "sv"),
        ("child_youth_line", "116 111", "fi"),
    ],
)
def test_the_help_line_of_the_readers_language_is_named_first(
    knowledge: Knowledge, topic: str, number: str, language: Language
) -> None:
    answer = knowledge.fetch_answer(topic, language, TODAY)
    assert answer is not None
    numbers = re.findall(r"\d[\d ]{4,}\d", answer.lead)
    assert numbers[0] == number


@pytest.mark.parametrize("language", LANGUAGES)
def test_facts_of_the_twins_are_the_same_numbers(knowledge: Knowledge, language: Language) -> None:
    """A figure of four digits or more that one language says, the other says too."""
    other: Language = "fi" if language == "sv" else "sv"
    months = {"22 november 2023": "22.11.2023"}
    missing = []
    for topic in FACTS:
        here, there = (knowledge.fetch_answer(topic, spoken, TODAY) for spoken in (language, other))
        assert here is not None
        assert there is not None
        said, twin = _spoken(here), _spoken(there)
        for written, date in months.items():
            said, twin = said.replace(written, date), twin.replace(written, date)
        figures = set(re.findall(r"\d[\d .–/]{2,}\d", said))
        missing += [(topic, figure) for figure in figures if figure not in twin]
    assert missing == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_answer_gives_a_service_number_that_no_source_has(knowledge: Knowledge, language: Language) -> None:
    known = {"".join(number.split()) for number in knowledge.fetch_numbers()} | {"0408042981"}
    for topic in FACTS:
        answer = knowledge.fetch_answer(topic, language, TODAY)
        assert answer is not None
        said = re.findall(r"(?<![\d.–])0\d[\d ]{5,}\d|(?<![\d.–])11[26][\d ]{0,4}(?!\d)", _spoken(answer))
        assert {"".join(number.split()) for number in said} <= known, topic


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_answer_of_a_past_document_says_its_years(knowledge: Knowledge, language: Language) -> None:
    for topic in FACTS:
        answer = knowledge.fetch_answer(topic, language, TODAY)
        assert answer is not None
        if answer.past:
            assert re.search(r"\b20(1[79]|2[0-3])\b", f"{_spoken(answer)} {answer.source.published}"), topic


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def _runs(text: str, length: int = 8) -> Iterator[tuple[str, ...]]:
    words = _words(text)
    return (tuple(words[start : start + length]) for start in range(len(words) - length + 1))


@pytest.mark.skipif("LOTSI_SEEDS" not in os.environ, reason="LOTSI_SEEDS names no folder with the source documents")
def test_no_eight_words_in_a_row_are_a_sources() -> None:
    seeds = sorted(Path(os.environ["LOTSI_SEEDS"]).glob("*.txt"))
    assert seeds
    theirs = {run: seed.name for seed in seeds for run in _runs(seed.read_text(encoding="utf-8"))}
    project = KNOWLEDGE_FOLDER.parent
    ours = [
        *KNOWLEDGE_FOLDER.glob("*/*.md"),
        *KNOWLEDGE_FOLDER.glob("*/*.yml"),
        *project.glob("bot/data/**/*.yml"),
        *project.glob("docs/**/*.md"),
        *project.glob("tests/**/*.yml"),
        *project.glob("tests/**/*.py"),
        *project.glob("*.md"),
        project / "domain.yml",
    ]
    copied = [
        f"{path.relative_to(project)}: {' '.join(run)} ({theirs[run]})"
        for path in ours
        for run in _runs(path.read_text(encoding="utf-8"))
        if run in theirs
    ]
    assert copied == []
