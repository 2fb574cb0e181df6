"""Privacy notice, accessibility statement and about page: what the law asks to be said stands in both languages."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest
from aiohttp import ClientSession
from aiohttp.test_utils import TestClient

from knowledge.languages import LANGUAGES
from web import keys
from web.app import create_app
from web.deployment import DEPLOYMENT_FILE
from web.deployment_reader import DeploymentInvalid
from web.pages import SECURITY_HEADERS
from web.settings import Settings

PATHS = ("/privacy", "/accessibility-statement", "/about")
STATED = {
    "organisation_address": ("PB 1", "PL 1"),
    "responsible_title": ("Servicechefen", "Palvelupäällikkö"),
    "quality_routine": ("Samtal läses", "Keskusteluja luetaan"),
    "privacy_legal_basis": ("Artikel 6", "Artikla 6"),
    "accessibility_assessment": ("Bedömd av", "Arvioinut"),
}
PLAIN = {
    "privacy_date": "2026-11-03",
    "accessibility_date": "2026-11-04",
    "accessibility_status": "full",
    "accessibility_shortcomings": "[]",
    "privacy_officer_email": "officer@example.fi",
    "feedback_email": "feedback@example.fi",
    "source_code": "https://example.fi/code",
}


def plain(body: str) -> str:
    """Return a page's text without its tags, spaces made one."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", body)).split())


async def open_client(aiohttp_client, tmp_path, knowledge, **values) -> TestClient:
    (tmp_path / "none").mkdir()
    settings = Settings(
        data=str(tmp_path / "data"), model=str(tmp_path / "none"), knowledge_url=str(knowledge.engine.url), **values
    )
    client: TestClient = await aiohttp_client(create_app(settings))
    return client


@pytest.fixture
async def client(aiohttp_client, tmp_path, knowledge) -> TestClient:
    """An application with the project's own facts, and without a model: the pages need none."""
    return await open_client(aiohttp_client, tmp_path, knowledge)


def write_facts(folder: Path) -> Path:
    lines = [f'{name}: {{sv: "{sv} <b>", fi: "{fi} <b>"}}' for name, (sv, fi) in STATED.items()]
    lines += [f"{name}: {value}" for name, value in PLAIN.items()]
    own = DEPLOYMENT_FILE.read_text("utf-8").splitlines()
    given = {*STATED, *PLAIN}
    path = folder / "facts.yml"
    path.write_text("\n".join([line for line in own if line.split(":")[0] not in given] + lines), encoding="utf-8")
    return path


@pytest.fixture
async def stated(aiohttp_client, tmp_path, knowledge) -> TestClient:
    """An application whose organisation has stated facts."""
    return await open_client(
        aiohttp_client, tmp_path, knowledge, deployment=str(write_facts(tmp_path)), retention_days=1
    )


async def read(client: TestClient, path: str, language: str) -> str:
    async with client.get(path, params={"lang": language}) as response:
        assert (response.status, response.content_type) == (200, "text/html")
        return await response.text()


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("language", LANGUAGES)
class TestEveryPage:
    async def test_is_in_the_asked_language(self, client, path, language):
        async with client.get(path, params={"lang": language}) as response:
            assert response.headers["Content-Language"] == language
            assert "Accept-Language" in response.headers["Vary"]
            assert f'<html lang="{language}">' in await response.text()

    async def test_is_in_the_browsers_language_if_none_is_asked(self, client, path, language):
        async with client.get(path, headers={"Accept-Language": f"{language}-FI"}) as response:
            assert f'<html lang="{language}">' in await response.text()

    async def test_names_the_organisation_and_the_emergency_number(self, client, path, language):
        text = plain(await read(client, path, language))
        assert client.app[keys.DEPLOYMENT].organisation_name.in_language(language) in text
        assert "112" in text

    async def test_keeps_the_language_in_its_links(self, client, path, language):
        body = await read(client, path, language)
        own = re.findall(r'href="(/[^"]*)"', body.split("<nav", 2)[2])
        assert own
        assert all(link.endswith(f"?lang={language}") for link in own)

    async def test_keeps_to_itself(self, client, path, language):
        async with client.get(path) as response:
            for name, value in SECURITY_HEADERS.items():
                assert response.headers[name] == value
            assert re.findall(r"<script|<style|\sstyle=|\son\w+=", await response.text()) == []
            assert response.cookies == {}


@pytest.mark.parametrize("language", LANGUAGES)
class TestPrivacy:
    async def test_says_how_long_a_conversation_is_kept(self, client, stated_days, language):
        text = plain(await read(client, "/privacy", language))
        assert {"sv": "i 90 dagar", "fi": "90 päivän ajan"}[language] in text
        text = plain(await read(stated_days, "/privacy", language))
        assert {"sv": "raderas 1 dag efter", "fi": "on kulunut 1 päivä."}[language] in text

    @pytest.fixture
    async def stated_days(self, aiohttp_client, tmp_path_factory, knowledge) -> TestClient:
        return await open_client(aiohttp_client, tmp_path_factory.mktemp("days"), knowledge, retention_days=1)

    async def test_names_everything_that_is_masked(self, client, language):
        words = {
            "sv": "personbeteckningar telefonnummer e-postadresser gatuadresser kontonummer kortnummer",
            "fi": "henkilötunnukset puhelinnumerot sähköpostiosoitteet katuosoitteet tilinumerot korttinumerot",
        }[language].split()
        text = plain(await read(client, "/privacy", language))
        assert [word for word in words if word not in text] == []

    async def test_says_what_article_13_asks_for(self, client, language):
        text = plain(await read(client, "/privacy", language))
        words = {
            "sv": ["Personuppgiftsansvarig är", "Dataskyddsombud", "Rättslig grund", "Hur länge", "Vem som läser"],
            "fi": ["Rekisterinpitäjä on", "Tietosuojavastaava", "oikeusperuste", "Kuinka kauan", "Kuka lukee"],
        }[language]
        rights = {
            "sv": ["Dina rättigheter", "dataombudsmannen", "Automatiserade beslut"],
            "fi": ["Oikeutesi", "tietosuojavaltuutetulle", "Automaattiset päätökset"],
        }[language]
        assert [word for word in words + rights if word not in text] == []


@pytest.mark.parametrize("language", LANGUAGES)
class TestAccessibility:
    async def test_names_the_supervisor_the_time_limit_and_the_way_to_it(self, client, language):
        body = await read(client, "/accessibility-statement", language)
        site = {"sv": "https://www.tillganglighetskrav.fi", "fi": "https://www.saavutettavuusvaatimukset.fi"}[language]
        assert "Traficom" in body
        assert f'href="{site}"' in body
        assert {"sv": "inom två veckor", "fi": "kahden viikon kuluessa"}[language] in plain(body)

    @pytest.mark.parametrize("status", ["full", "partial", "none"])
    async def test_says_the_stated_status_alone(self, aiohttp_client, tmp_path, knowledge, language, status):
        facts = write_facts(tmp_path)
        facts.write_text(facts.read_text("utf-8").replace("status: full", f"status: {status}"), "utf-8")
        client = await open_client(aiohttp_client, tmp_path, knowledge, deployment=str(facts))
        text = plain(await read(client, "/accessibility-statement", language))
        says = {
            "full": ("Tjänsten uppfyller lagens", "Palvelu täyttää lain saavutettavuusvaatimukset."),
            "partial": ("Tjänsten uppfyller delvis", "saavutettavuusvaatimukset osittain."),
            "none": ("Tjänsten uppfyller inte", "Palvelu ei täytä lain"),
        }
        assert [name for name, words in says.items() if words[language == "fi"] in text] == [status]

    async def test_an_empty_list_says_that_no_shortcoming_is_known(self, stated, language):
        text = plain(await read(stated, "/accessibility-statement", language))
        assert {"sv": "inga kända brister", "fi": "Puutteita ei ole tiedossa"}[language] in text


@pytest.mark.parametrize("language", LANGUAGES)
class TestAbout:
    async def test_says_that_automation_answers_and_decides_nothing(self, client, language):
        text = plain(await read(client, "/about", language))
        words = {
            "sv": ["automat, inte en människa", "fattar inga beslut", "tala med en människa", "spara samtalet"],
            "fi": ["automaatti, ei ihminen", "ei tee päätöksiä", "puhua ihmisen kanssa", "tallentaa keskustelun"],
        }[language]
        assert [word for word in words if word not in text] == []

    async def test_lists_every_document_with_its_date(self, client, knowledge, language):
        body = await read(client, "/about", language)
        sources = knowledge.fetch_sources(language)
        assert len(sources) > 9
        listed = html.unescape(body)
        assert [source.title for source in sources if source.title not in listed] == []
        assert re.findall(r'<time datetime="([\d-]+)"', body) == [source.published for source in sources]
        assert [source.published for source in sources] == sorted(
            (source.published for source in sources), reverse=True
        )

    async def test_says_in_which_language_a_document_was_published(self, client, knowledge, language):
        other = {"sv": "publicerat på finska", "fi": "julkaistu ruotsiksi"}[language]
        foreign = [source for source in knowledge.fetch_sources(language) if source.language not in (language, "")]
        assert plain(await read(client, "/about", language)).count(other) == len(foreign) > 0

    async def test_names_version_and_licence(self, client, language):
        text = plain(await read(client, "/about", language))
        assert re.search(r"Lotsi \d+\.\d+", text)
        assert "EUPL-1.2" in text
        assert {"sv": "laddas", "fi": "ladataan"}[language] in text


async def test_the_about_page_names_the_model_that_answers(server, model_path):
    async with ClientSession(server.url) as session, session.get("/about") as response:
        assert f"<dd>{model_path.name.removesuffix('.tar.gz')}</dd>" in await response.text()


@pytest.mark.parametrize("language", LANGUAGES)
async def test_stated_facts_stand_on_the_pages_as_text(stated, language):
    pages = [await read(stated, path, language) for path in PATHS]
    text = plain(" ".join(pages))
    for values in STATED.values():
        assert f"{values[language == 'fi']} <b>" in text
    assert not any("<b>" in page for page in pages)
    for name in ("officer@example.fi", "feedback@example.fi", "3.11.2026", "4.11.2026", "example.fi/code"):
        assert name in text
    assert 'href="mailto:feedback@example.fi"' in pages[1]


def test_a_file_of_facts_that_cannot_be_used_stops_the_application(tmp_path):
    facts = tmp_path / "facts.yml"
    facts.write_text("organisation_name: Soite\n", encoding="utf-8")
    with pytest.raises(DeploymentInvalid, match="both languages"):
        create_app(Settings(deployment=str(facts)))
