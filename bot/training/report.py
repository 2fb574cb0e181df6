"""The report of an evaluation as one HTML file: no script, nothing loaded from elsewhere, well-formed as XML.

The words and the look stand in `templates/report.html.j2` and `templates/report.css`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from bot.training import charts
from bot.training.danger_bars import MISS
from bot.training.evaluate import Report
from bot.training.outcomes import Outcome
from bot.training.scores import FIGURES, RELIABILITY_BINS
from bot.training.thresholds import GAIN, LOSS
from knowledge.languages import LANGUAGES

TEMPLATES_FOLDER = Path(__file__).resolve().parent / "templates"
LANGUAGE_NAMES = {"sv": "Swedish", "fi": "Finnish"}


def render_html(report: Report) -> str:
    """Return the report as a page."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES_FOLDER),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters.update(percent=_percent, decimal=_decimal, name=_breakable)
    return environment.get_template("report.html.j2").render(
        report=report,
        languages=LANGUAGES,
        language_names=LANGUAGE_NAMES,
        figures=FIGURES,
        points={language: charts.draw_reliability(bins) for language, bins in report.reliability.items()},
        side=charts.SIDE,
        strip=charts.STRIP,
        bin_width=charts.SIDE / RELIABILITY_BINS,
        matrix=charts.build_matrix(report.outcomes),
        failures=group_failures(report.failures),
        gain=GAIN,
        loss=LOSS,
        miss=MISS,
    )


def group_failures(failures: Sequence[Outcome]) -> dict[str, list[Outcome]]:
    """Return the utterances that failed by intent, in the order of their names."""
    groups: dict[str, list[Outcome]] = defaultdict(list)
    for item in failures:
        groups[item.intent].append(item)
    return dict(sorted(groups.items()))


def _percent(value: float) -> str:
    return f"{value * 100:.1f} %"


def _decimal(value: float, places: int = 2) -> str:
    return f"{value:.{places}f}"


def _breakable(name: str) -> Markup:
    """Return an intent's name that a narrow column may break at its underscores."""
    return Markup("_<wbr/>").join(escape(part) for part in name.split("_"))
