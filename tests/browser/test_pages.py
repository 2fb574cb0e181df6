"""The law's pages in a real browser: nothing that axe-core finds, no sideways scrolling, one language."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe import BEST_PRACTICE, find_violations
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 800}
NARROW = {"width": 320, "height": 568}
HEADINGS = {
    "/privacy": {"sv": "Dataskyddsbeskrivning", "fi": "Tietosuojaseloste"},
    "/accessibility-statement": {"sv": "Tillgänglighetsutlåtande", "fi": "Saavutettavuusseloste"},
    "/about": {"sv": "Om Lotsi", "fi": "Tietoa Lotsista"},
}
UNSTATED = {"sv": "Organisationen har inte uppgett detta ännu.", "fi": "Organisaatio ei ole vielä ilmoittanut tätä."}

SMALL_TARGETS = """() => [...document.querySelectorAll("a")]
  .filter((element) => !element.matches(".skip") && !element.parentElement.matches("p"))
  .map((element) => [element.textContent.trim(), element.getBoundingClientRect()])
  .filter(([, box]) => box.width < 24 || box.height < 24)
  .map(([name, box]) => `${name}: ${box.width} x ${box.height}`)"""

paths = pytest.mark.parametrize("path", list(HEADINGS))
both = pytest.mark.parametrize("language", ["sv", "fi"])


Open = Callable[..., Page]


@pytest.fixture
def open_page(browser: Browser, server: Any) -> Iterator[Open]:
    """Open a page in a browser profile of its own; in the end there may be no error and no other host asked."""
    opened: list[tuple[Page, list[str], set[str], str]] = []

    def open_at(
        path: str, language: str = "sv", viewport: dict[str, int] = PHONE, at: str = "", **options: Any
    ) -> Page:
        touch = viewport["width"] < 500
        context = browser.new_context(viewport=viewport, has_touch=touch, is_mobile=touch, **options)
        page, problems, hosts, url = context.new_page(), [], set(), at or server.url
        page.on("console", lambda line: problems.append(line.text) if line.type == "error" else None)
        page.on("request", lambda request: hosts.add(urlsplit(request.url).netloc))
        opened.append((page, problems, hosts, urlsplit(url).netloc))
        page.goto(f"{url}{path}?lang={language}")
        return page

    yield open_at
    for page, problems, hosts, host in opened:
        page.context.close()
        assert problems == []
        assert hosts == {host}


class TestAccess:
    @paths
    @both
    @pytest.mark.parametrize(
        ("viewport", "stated"), [(PHONE, False), (DESKTOP, False), (PHONE, True)], ids=["phone", "desktop", "stated"]
    )
    def test_axe_finds_nothing_in_light_or_dark(
        self,
        open_page: Open,
        stated_server: Any,
        path: str,
        language: str,
        viewport: dict[str, int],
        stated: bool,
    ) -> None:
        page = open_page(path, language, viewport, stated_server.url if stated else "", color_scheme="light")
        assert find_violations(page, tags=BEST_PRACTICE) == []
        page.emulate_media(color_scheme="dark")
        assert find_violations(page, tags=BEST_PRACTICE) == []

    @paths
    @both
    @pytest.mark.parametrize("text_size", ["100%", "200%"])
    def test_nothing_scrolls_sideways_on_a_narrow_screen(
        self, open_page: Open, stated_server: Any, path: str, language: str, text_size: str
    ) -> None:
        page = open_page(path, language, NARROW, stated_server.url)
        page.evaluate("size => document.documentElement.style.fontSize = size", text_size)
        assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]

    @paths
    @both
    def test_wider_spacing_of_text_hides_nothing(self, open_page: Open, path: str, language: str) -> None:
        """WCAG 1.4.12: the four spacings at once."""
        page = open_page(path, language, NARROW)
        page.evaluate("""() => {
          for (const element of document.querySelectorAll("*")) {
            element.style.lineHeight = "1.5";
            element.style.letterSpacing = "0.12em";
            element.style.wordSpacing = "0.16em";
          }
          for (const element of document.querySelectorAll("p")) element.style.marginBottom = "2em";
        }""")
        assert page.evaluate("document.documentElement.scrollWidth") <= NARROW["width"]
        cut = page.evaluate("""() => [...document.querySelectorAll("h1, h2, h3, p, li, dt, dd, a")]
          .filter((element) => element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0)
          .map((element) => element.textContent.trim())""")
        assert cut == []

    @paths
    @both
    def test_links_outside_sentences_are_large_enough(
        self, open_page: Open, stated_server: Any, path: str, language: str
    ) -> None:
        assert open_page(path, language, PHONE, stated_server.url).evaluate(SMALL_TARGETS) == []

    @paths
    def test_the_first_key_leads_past_the_navigation(self, open_page: Open, path: str) -> None:
        page = open_page(path, "sv", DESKTOP)
        page.keyboard.press("Tab")
        skip = page.get_by_role("link", name="Hoppa till innehållet")
        expect(skip).to_be_focused()
        expect(skip).to_be_in_viewport(ratio=1)
        page.keyboard.press("Enter")
        expect(page.get_by_role("main")).to_be_focused()

    @paths
    def test_every_link_can_be_reached_and_shows_its_focus(self, open_page: Open, path: str) -> None:
        page = open_page(path, "fi", DESKTOP)
        links = page.locator("a")
        for index in range(links.count()):
            page.keyboard.press("Tab")
            expect(links.nth(index)).to_be_focused()
            assert links.nth(index).evaluate("link => getComputedStyle(link).outlineStyle") == "solid"

    @paths
    def test_reads_in_order_with_one_heading_of_the_first_level(self, open_page: Open, path: str) -> None:
        page = open_page(path)
        levels = [
            int(name[1]) for name in page.locator("h1, h2, h3, h4").evaluate_all("all => all.map(e => e.tagName)")
        ]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after - before <= 1 for before, after in pairwise(levels))


class TestReading:
    @paths
    @both
    def test_the_language_switch_keeps_the_page(self, open_page: Open, path: str, language: str) -> None:
        page = open_page(path, language)
        expect(page.get_by_role("heading", level=1)).to_have_text(HEADINGS[path][language])
        other = {"sv": "fi", "fi": "sv"}[language]
        page.locator(f".languages a[lang={other}]").click()
        expect(page.locator("html")).to_have_attribute("lang", other)
        expect(page.get_by_role("heading", level=1)).to_have_text(HEADINGS[path][other])
        assert urlsplit(page.url).path == path

    @both
    def test_the_pages_lead_to_each_other_and_to_the_chat_in_the_same_language(
        self, open_page: Open, language: str
    ) -> None:
        page = open_page("/about", language)
        for path, names in HEADINGS.items():
            page.get_by_role("navigation").last.get_by_role("link", name=names[language]).click()
            expect(page.get_by_role("heading", level=1)).to_have_text(names[language])
            expect(page.locator(".pages a[aria-current=page]")).to_have_text(names[language])
            assert urlsplit(page.url).path == path
        page.locator(".to-chat").click()
        expect(page.locator("html")).to_have_attribute("lang", language)
        assert urlsplit(page.url).path == "/"

    @paths
    @both
    def test_what_nobody_has_stated_is_said_to_be_unstated(self, open_page: Open, path: str, language: str) -> None:
        page = open_page(path, language)
        notes = page.locator(".unstated")
        assert notes.count() >= 3
        assert set(notes.all_inner_texts()) == {UNSTATED[language]}

    @paths
    @both
    def test_once_everything_is_stated_nothing_is_left_open(
        self, open_page: Open, stated_server: Any, path: str, language: str
    ) -> None:
        page = open_page(path, language, at=stated_server.url)
        expect(page.locator(".unstated")).to_have_count(0)
        expect(page.get_by_role("contentinfo")).to_contain_text(
            {"sv": "Exempelområdet", "fi": "Esimerkkialue"}[language]
        )

    def test_on_paper_there_is_the_text_without_the_navigation(self, open_page: Open) -> None:
        page = open_page("/privacy", "fi", DESKTOP, color_scheme="dark")
        page.emulate_media(media="print")
        expect(page.locator(".languages, .pages, .skip")).to_have_count(3)
        assert [item.is_visible() for item in page.locator(".languages, .pages, .skip").all()] == [False] * 3
        expect(page.get_by_role("main")).to_be_visible()
        colours = page.locator("main p").first.evaluate(
            "text => [getComputedStyle(text).color, getComputedStyle(document.body).backgroundColor]"
        )
        assert colours == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]

    @paths
    def test_works_without_script(self, open_page: Open, path: str) -> None:
        page = open_page(path, java_script_enabled=False)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert re.findall(r"<script|<style|\sstyle=|\son\w+=", page.content()) == []
