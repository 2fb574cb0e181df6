"""The console's single keys, which its pages take once their script has come."""

from __future__ import annotations

from playwright.sync_api import Page, expect


def await_script(page: Page) -> None:
    """Wait until the page takes keys: its script shows the button that lists them."""
    expect(page.locator("[data-opens]:not([hidden])")).not_to_have_count(0)


def press_shortcut(page: Page, key: str) -> None:
    """Press a key of the page that is open; a page that comes in its stead must be awaited first."""
    await_script(page)
    page.keyboard.press(key)
