"""Holds what a browser shows against axe-core, the rules of WCAG 2.2 A and AA; open shadow roots are looked into too.

axe-core comes from the package `axe-playwright-python` and is put into the page by the browser's own debugging
channel: the page's Content-Security-Policy does not hinder it, and nothing is fetched.
"""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

WCAG_22_AA = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa")
BEST_PRACTICE = (*WCAG_22_AA, "best-practice")


def run_axe(page: Page, context: Any = None, tags: tuple[str, ...] = WCAG_22_AA) -> dict[str, Any]:
    """Return axe-core's whole result.

    Args:
        page: As it stands; open what shall be seen and let animations end first.
        context: A CSS selector, or what else `axe.run` takes; the whole page if left out.
        tags: Rules with one of these tags run.
    """
    options = {"runOnly": {"type": "tag", "values": list(tags)}}
    return dict(Axe().run(page, context, options).response)


def find_violations(page: Page, context: Any = None, tags: tuple[str, ...] = WCAG_22_AA) -> list[str]:
    """Return what is wrong, an element a line: `rule: place: what would mend it`.

    Args:
        page: As it stands.
        context: A CSS selector, or what else `axe.run` takes; the whole page if left out.
        tags: Rules with one of these tags run.
    """
    return [
        f"{violation['id']}: {_place(node['target'])}: {' '.join(node['failureSummary'].split())}"
        for violation in run_axe(page, context, tags)["violations"]
        for node in violation["nodes"]
    ]


def _place(target: list[Any]) -> str:
    """Frames and shadow roots on the way to an element are lists of selectors."""
    return " > ".join(part if isinstance(part, str) else " >>> ".join(part) for part in target)
