"""The topics as staff choose among them: by title, in either language, whatever language the console is in."""

from __future__ import annotations

from dataclasses import dataclass

from knowledge.languages import LANGUAGES, Language
from knowledge.lemmas import fold, normalise
from knowledge.store import Knowledge


@dataclass(frozen=True)
class Topics:
    """All topics with their titles in both languages."""

    titles: dict[Language, dict[str, str]]

    def title(self, topic: str | None, language: Language) -> str:
        """Return how a topic is called; its id where the knowledge has it no more."""
        return self.titles[language].get(topic or "", topic or "")

    def choices(self, language: Language) -> list[tuple[str, str]]:
        """Return what a type-ahead offers: each title of both languages, with the title that the reader knows."""
        own = [(title, self._other(topic, language)) for topic, title in self.titles[language].items()]
        other = [
            (title, self.title(topic, language))
            for code in LANGUAGES
            if code != language
            for topic, title in self.titles[code].items()
        ]
        return [*sorted(own), *sorted(other)]

    def _other(self, topic: str, language: Language) -> str:
        return next(self.title(topic, code) for code in LANGUAGES if code != language)

    def find(self, written: str) -> str | None:
        """Return the topic that is called so in either language, or has that id; None if there is none."""
        wanted = fold(normalise(written))
        for titles in self.titles.values():
            for topic, title in titles.items():
                if wanted in (fold(topic), fold(title)):
                    return topic
        return None


def load_topics(knowledge: Knowledge) -> Topics:
    """Return the topics of the knowledge database."""
    return Topics({language: knowledge.fetch_titles(language) for language in LANGUAGES})
