"""The accessibility check finds what is wrong, in the page and in a shadow root: a clean result means something."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe import find_violations, run_axe
from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")

GOOD = """<!doctype html><html lang="sv"><head><title>Sida</title></head>
<body><main><h1>Rubrik</h1><p>Text</p><div id="host"></div></main></body></html>"""
SHADOW = """document.querySelector('#host').attachShadow({ mode: 'open' }).innerHTML = '<button></button>'"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


def test_a_good_page_has_no_violation(page: Page) -> None:
    page.set_content(GOOD)
    assert find_violations(page) == []


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ("document.documentElement.lang = ''", "html-has-lang"),
        ("document.querySelector('p').lang = 'xx-yy-zz'", "valid-lang"),
        ("document.querySelector('p').style.color = '#aaa'", "color-contrast"),
        ("document.title = ''", "document-title"),
        (SHADOW, "button-name"),
    ],
)
def test_a_planted_fault_is_found(page: Page, change: str, rule: str) -> None:
    page.set_content(GOOD)
    page.evaluate(change)
    assert [line.split(":")[0] for line in find_violations(page)] == [rule]


def test_small_targets_are_found_as_wcag_22_asks(page: Page) -> None:
    small = "<button style='width:9px;height:9px;padding:0;border:0' aria-label='a'></button>"
    page.set_content(GOOD.replace("<p>Text</p>", small * 3))
    found = find_violations(page)
    assert {line.split(":")[0] for line in found} == {"target-size"}
    assert len(found) == 3


def test_a_content_security_policy_does_not_hinder_the_check(page: Page) -> None:
    policy = "<meta http-equiv='Content-Security-Policy' content=\"default-src 'none'\">"
    page.set_content(GOOD.replace("<head>", f"<head>{policy}"))
    assert run_axe(page)["passes"]
