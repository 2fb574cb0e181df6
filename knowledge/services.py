"""Reads service and channel records (`services/<id>.yml`), shaped after the national service catalogue.

Source of the shape: Suomi.fi PTV Open API v11 (`Service`, `ServiceChannel`), reduced to what an answer shows.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from knowledge.dates import check_date
from knowledge.errors import Problem
from knowledge.languages import LANGUAGES, Language, as_language
from knowledge.yaml_text import parse_yaml

CHANNEL_TYPES = ("phone", "e_channel", "web_page", "service_location", "printable_form")
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK = re.compile(r"^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$")


@dataclass(frozen=True)
class ServiceHours:
    """When a channel is open: days (`mon`…`sun`), from and to as `HH:MM`, and the dates it holds for."""

    days: tuple[str, ...]
    start: str
    end: str
    valid_from: str | None = None
    valid_to: str | None = None


@dataclass(frozen=True)
class Channel:
    """One way to reach a service.

    Attributes:
        number, url, address: None where nobody has filled it in yet; the answer then says so.
        hours: None (not known), `"always"`, or the opening hours.
        charge: `"free"`, `"normal"` or None (not known).
    """

    id: str
    type: str
    names: Mapping[Language, str]
    languages: tuple[Language, ...]
    number: str | None = None
    url: str | None = None
    address: str | None = None
    charge: str | None = None
    hours: str | tuple[ServiceHours, ...] | None = None


@dataclass(frozen=True)
class Service:
    """A service of the county or of somebody a resident is shown the way to."""

    id: str
    topic: str
    names: Mapping[Language, str]
    names_reviewed: bool
    summaries: Mapping[Language, str]
    channels: tuple[Channel, ...]
    path: str


class _ServiceReader:
    def __init__(self, path: Path, root: Path) -> None:
        self.path = path
        self.name = path.relative_to(root).as_posix()
        self.problems: list[Problem] = []

    def report(self, template: str, **values: object) -> None:
        self.problems.append(Problem.of(self.name, template, None, **values))

    def read(self) -> Service | None:
        try:
            raw = parse_yaml(self.path.read_text(encoding="utf-8"))
        except (yaml.YAMLError, ValueError) as error:  # ValueError: not UTF-8, or a day that no month has
            self.report("is not valid YAML: {error}", error=error)
            return None
        if not isinstance(raw, dict):
            self.report("must be 'key: value' lines: id, topic, names, summaries, channels, source")
            return None
        if raw.get("id") != self.path.stem:
            self.report(
                "says id '{id}', its file name says '{name}'; make them the same", id=raw.get("id"), name=self.path.stem
            )
        if not raw.get("topic"):
            self.report("lacks 'topic', the id of the topic that describes it")
        items = raw.get("channels") or []
        if not isinstance(items, list):
            self.report("channels must be a list; write [] if none is known")
            items = []
        channels = [self._channel(item) for item in items]
        self._check_source(raw.get("source"))
        self._check_review(raw.get("review"))
        return Service(
            id=self.path.stem,
            topic=str(raw.get("topic")),
            names=self._texts(raw, "names"),
            names_reviewed=bool(raw.get("names_reviewed", False)),
            summaries=self._texts(raw, "summaries"),
            channels=tuple(channel for channel in channels if channel is not None),
            path=self.name,
        )

    def _texts(
        self, raw: Mapping[str, Any], key: str, channel: str = "", of_source: bool = False
    ) -> dict[Language, str]:
        values = raw.get(key)
        if not isinstance(values, dict) or any(not values.get(language) for language in LANGUAGES):
            self._report_texts(key, channel, of_source)
            values = values if isinstance(values, dict) else {}
            return {language: str(values.get(language) or "") for language in LANGUAGES}
        return {language: str(values[language]) for language in LANGUAGES}

    def _report_texts(self, key: str, channel: str, of_source: bool) -> None:
        if channel:
            text = "channel '{channel}': {key} must have a text in both languages: {key}: {{sv: …, fi: …}}"
            self.report(text, channel=channel, key=key)
        elif of_source:
            self.report("the source's {key} must have a text in both languages: {key}: {{sv: …, fi: …}}", key=key)
        else:
            self.report("{key} must have a text in both languages: {key}: {{sv: …, fi: …}}", key=key)

    def _check_source(self, source: object) -> None:
        """A record is only as good as its last check, so it must say where its facts were read, and when."""
        if not isinstance(source, dict):
            self.report('lacks \'source\'; write source: {{title: "…", publisher: "…", published: "2026-11"}}')
            return
        for key in ("title", "publisher"):
            value = source.get(key)
            if isinstance(value, dict):
                self._texts(source, key, of_source=True)
            elif not value:
                self.report("the source lacks {key}: a text, or {{sv: …, fi: …}}", key=key)
        if not source.get("published"):
            self.report('the source lacks published, the month when the facts were checked: published: "2026-11"')
        else:
            try:
                check_date(str(source["published"]))
            except ValueError:
                text = "the source's published: '{value}' is no date; write YYYY, YYYY-MM or YYYY-MM-DD"
                self.report(text, value=source["published"])
        if not _is_address(source.get("url")):
            self.report("the source has the url '{url}'; it must begin with https://", url=source["url"])

    def _check_review(self, value: object) -> None:
        """A reminder for whoever keeps the record; no answer depends on it."""
        try:
            if value is not None:
                dt.date.fromisoformat(str(value))
        except ValueError:
            text = "review '{value}' is no date; write YYYY-MM-DD, the day by which somebody looks at it again"
            self.report(text, value=value)

    def _channel(self, raw: object) -> Channel | None:
        if not isinstance(raw, dict) or not raw.get("id"):
            self.report("a channel must be 'key: value' lines with an id")
            return None
        if raw.get("type") not in CHANNEL_TYPES:
            text = "channel '{channel}' has type '{type}'; known are {known}"
            self.report(text, channel=raw["id"], type=raw.get("type"), known=", ".join(CHANNEL_TYPES))
            return None
        if isinstance(raw.get("number"), int):
            self.report(
                "channel '{channel}': put the number in quotation marks, or another one may be read", channel=raw["id"]
            )
        if not _is_address(raw.get("url")):
            text = "channel '{channel}' has the url '{url}'; it must begin with https://"
            self.report(text, channel=raw["id"], url=raw["url"])
        return Channel(
            id=str(raw["id"]),
            type=str(raw["type"]),
            names=self._texts(raw, "names", channel=str(raw["id"])),
            languages=self._languages(raw),
            number=None if raw.get("number") is None else str(raw["number"]),
            url=raw.get("url"),
            address=raw.get("address"),
            charge=raw.get("charge"),
            hours=self._hours(raw),
        )

    def _languages(self, raw: Mapping[str, Any]) -> tuple[Language, ...]:
        value = raw.get("languages") or LANGUAGES
        if not isinstance(value, (list, tuple)):
            self.report("channel '{channel}': languages must be a list: languages: [sv, fi]", channel=raw["id"])
            return LANGUAGES
        for item in value:
            if as_language(item) is None:
                text = "channel '{channel}' has the language '{value}'; known are {known}"
                self.report(text, channel=raw["id"], value=item, known=", ".join(LANGUAGES))
        return tuple(found for item in value if (found := as_language(item)))

    def _hours(self, raw: Mapping[str, Any]) -> str | tuple[ServiceHours, ...] | None:
        value = raw.get("hours")
        if value is None or value == "always":
            return value
        if not isinstance(value, list):
            text = "channel '{channel}': hours must be null, always, or a list of days with from and to"
            self.report(text, channel=raw["id"])
            return None
        hours = []
        for item in value:
            days = item.get("days") if isinstance(item, dict) else None
            if not days or any(day not in _DAYS for day in days):
                text = "channel '{channel}': hours need days out of {known}"
                self.report(text, channel=raw["id"], known=", ".join(_DAYS))
                continue
            if not all(_CLOCK.match(str(item.get(key))) for key in ("from", "to")):
                text = "channel '{channel}': hours need from and to as \"08:00\", in quotation marks"
                self.report(text, channel=raw["id"])
                continue
            dates = [self._day(raw["id"], key, item.get(key)) for key in ("valid_from", "valid_to")]
            hours.append(ServiceHours(tuple(days), item["from"], item["to"], *dates))
        return tuple(hours)

    def _day(self, channel: object, key: str, value: object) -> str | None:
        if value is None:
            return None
        try:
            return dt.date.fromisoformat(str(value)).isoformat()
        except ValueError:
            text = "channel '{channel}': {key} '{value}' of its hours is no date; write \"YYYY-MM-DD\""
            self.report(text, channel=channel, key=key, value=value)
            return None


def _is_address(value: object) -> bool:
    return value is None or str(value).startswith(("https://", "http://"))


def read_services(folder: Path) -> tuple[list[Service], list[Problem]]:
    """Read every `*.yml` of `folder` in the order of their names.

    Returns:
        The services and all problems found.
    """
    services: list[Service] = []
    problems: list[Problem] = []
    for path in sorted(folder.glob("*.yml")):
        reader = _ServiceReader(path, folder)
        service = reader.read()
        problems += reader.problems
        if service is not None:
            services.append(service)
    return services, problems
