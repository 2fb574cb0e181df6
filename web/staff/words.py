"""How the console says the codes that are stored: reasons, outcomes, verdicts, states."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from knowledge.languages import Language
from web.locales import load_catalogue


@dataclass(frozen=True)
class Words:
    """Words by code, in one language."""

    reasons: dict[str, str]
    outcomes: dict[str, str]
    verdicts: dict[str, str]
    statuses: dict[str, str]
    ratings: dict[str, str]
    states: dict[str, str]
    senders: dict[str, str]
    kinds: dict[str, str]
    languages: dict[str, str]


@functools.lru_cache(maxsize=2)
def load_words(language: Language) -> Words:
    """Return the words of a language."""
    gettext = load_catalogue(language).gettext
    return Words(
        reasons={
            "emergency": gettext("Emergency"),
            "thumbs_down": gettext("Resident dissatisfied"),
            "human": gettext("Asked for a human"),
            "dont_know": gettext("Lotsi did not know"),
            "repeated": gettext("Asked again"),
            "near_tie": gettext("Between two topics"),
            "low_confidence": gettext("Unsure answer"),
            "language_switch": gettext("Two languages"),
        },
        outcomes={
            "sure": gettext("Answered"),
            "between": gettext("Asked which topic"),
            "unsure": gettext("Not understood"),
            "safety": gettext("Safety trigger"),
            "foreign": gettext("Other language"),
            "payload": gettext("Button pressed"),
        },
        verdicts={
            "right": gettext("Right answer"),
            "wrong": gettext("Wrong answer"),
            "missing": gettext("Missing knowledge"),
            "unsafe": gettext("Unsafe answer"),
        },
        statuses={
            "open": gettext("Open"),
            "new": gettext("New"),
            "in_review": gettext("In review"),
            "resolved": gettext("Resolved"),
            "all": gettext("All"),
        },
        ratings={
            "up": gettext("Thumb up"),
            "down": gettext("Thumb down"),
            "1": gettext("1 star"),
            **{str(stars): gettext("{number} stars").format(number=stars) for stars in range(2, 6)},
        },
        states={
            "bot": gettext("Lotsi answers"),
            "waiting": gettext("Waits for a human"),
            "human": gettext("A counsellor answers"),
            "ended": gettext("Ended"),
        },
        senders={
            "resident": gettext("Resident"),
            "bot": gettext("Lotsi (automatic)"),
            "human": gettext("Counsellor (human)"),
            "system": gettext("Notice"),
        },
        kinds={
            "email": gettext("e-mail address"),
            "iban": gettext("account number"),
            "identity_code": gettext("personal identity code"),
            "account": gettext("account number"),
            "card": gettext("card number"),
            "phone": gettext("phone number"),
            "address": gettext("address"),
        },
        languages={"sv": gettext("Swedish"), "fi": gettext("Finnish")},
    )
