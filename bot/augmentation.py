"""Makes variants of training examples as residents type them: a training-time step of the importer, never in the files.

Four kinds, each seeded and applied to a share of the examples: colloquial respellings (Finnish *puhekieli*,
Finland-Swedish and Ostrobothnian), split compounds, joined words, and keyboard slips. Dropped diacritics need none: the
features fold them. The respellings are rules of frequent words, not a model of a dialect.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from typing import Final

from knowledge.languages import Language
from knowledge.lemmas import split_compound_surface

_RESPELLINGS: Final[Mapping[Language, Mapping[str, tuple[str, ...]]]] = {
    "sv": {
        "inte": ("int", "it"),
        "jag": ("ja", "jä"),
        "är": ("e", "ä", "är"),
        "det": ("he", "de"),
        "till": ("ti", "til"),
        "vad": ("va", "vá"),
        "och": ("o", "å"),
        "någon": ("nån", "nåon"),
        "något": ("nåt", "nå"),
        "några": ("nåra", "nå"),
        "skulle": ("sku",),
        "mig": ("mej", "me"),
        "dig": ("dej",),
        "hur": ("huru", "hu"),
        "har": ("ha",),
        "kan": ("kan", "kna"),
        "man": ("man", "mna"),
        "var": ("va", "var"),
        "vart": ("vart", "vars"),
        "måste": ("mått", "måst"),
        "med": ("me",),
        "de": ("dom", "di"),
        "dem": ("dom",),
        "sådan": ("sån",),
        "sådana": ("sånna",),
        "bara": ("bar",),
        "vet": ("veit", "vet"),
        "hos": ("hos", "åt"),
    },
    "fi": {
        "minä": ("mä", "mie"),
        "minun": ("mun", "miun"),
        "minulla": ("mulla", "mul"),
        "minulle": ("mulle", "mul"),
        "minut": ("mut",),
        "minua": ("mua",),
        "sinä": ("sä", "sie"),
        "sinun": ("sun",),
        "olen": ("oon", "olen"),
        "olet": ("oot",),
        "onko": ("onks", "onko"),
        "ovatko": ("onks",),
        "mitä": ("mitä", "mit"),
        "mistä": ("mist", "mistä"),
        "mihin": ("mihi", "mihin"),
        "minne": ("minne", "mihi"),
        "tämä": ("tää",),
        "tuo": ("toi",),
        "se": ("se", "see"),
        "kun": ("ku",),
        "kuin": ("ku",),
        "sitten": ("sit", "sitte"),
        "nyt": ("ny", "nyt"),
        "vielä": ("viel",),
        "pitäisi": ("pitäs", "pitäis"),
        "voiko": ("voiks", "voiko"),
        "saako": ("saaks", "saako"),
        "saisiko": ("saisko",),
        "voisiko": ("voisko",),
        "että": ("et",),
        "mutta": ("mut",),
        "meidän": ("meijän", "meiän"),
        "teidän": ("teijän",),
        "tiedä": ("tiiä", "tiedä"),
        "kuinka": ("kui", "miten"),
        "niin": ("nii",),
        "soittaa": ("soittaa", "soittaan"),
        "haluan": ("haluun", "haluan"),
        "tarvitsen": ("tarviin", "tarttisin"),
        "tarvitsee": ("tarvii", "tarttee"),
        "menen": ("meen",),
        "puhelinnumero": ("puh nro", "numero"),
    },
}
_NEIGHBOURS: Final = {
    "a": "sqw", "b": "vn", "c": "xv", "d": "sfe", "e": "wr", "f": "dg", "g": "fh", "h": "gj", "i": "uo", "j": "hk",
    "k": "jl", "l": "kö", "m": "n", "n": "mb", "o": "ip", "p": "oå", "r": "et", "s": "ad", "t": "ry", "u": "yi",
    "v": "cb", "x": "zc", "y": "tu", "z": "x", "ä": "öå", "ö": "lä", "å": "pä",
}  # fmt: skip
_WORD: Final = re.compile(r"\w+")


def augment(text: str, language: Language, generator: random.Random) -> str:
    """Return one variant of an example, by a kind of change chosen by chance; the text itself if it does not fit.

    Args:
        text: The example.
        language: Whose respellings and compounds apply.
        generator: The source of chance; the same one gives the same variant.
    """
    changes: tuple[Callable[[], str], ...] = (
        lambda: respell(text, language, generator),
        lambda: split_words(text, language, generator),
        lambda: slip(text, generator),
    )
    return generator.choice(changes)()


def respell(text: str, language: Language, generator: random.Random) -> str:
    """Return `text` with standard words as they are spoken."""
    table = _RESPELLINGS[language]
    return _WORD.sub(lambda match: generator.choice(table.get(match[0].lower(), (match[0],))), text)


def split_words(text: str, language: Language, generator: random.Random) -> str:
    """Return `text` with one compound written apart, as in *tand läkare* and *hammas lääkäri*."""
    places = [
        (match, parts)
        for match in _WORD.finditer(text)
        if (parts := split_compound_surface(match[0].lower(), language))
    ]
    if not places:
        return text
    match, parts = generator.choice(places)
    return text[: match.start()] + " ".join(parts) + text[match.end() :]


def slip(text: str, generator: random.Random) -> str:
    """Return `text` with one slip of the thumb in a word of five letters or more: swapped, dropped, doubled, beside."""
    words = [match for match in _WORD.finditer(text) if len(match[0]) >= 5]
    if not words:
        return text
    place = generator.choice(words)
    position = generator.randrange(place.start() + 1, place.end() - 1)
    kind = generator.randrange(4)
    letter = text[position]
    if kind == 0:
        return text[:position] + text[position + 1] + letter + text[position + 2 :]
    if kind == 1:
        return text[:position] + text[position + 1 :]
    if kind == 2:
        return text[:position] + letter + text[position:]
    return text[:position] + generator.choice(_NEIGHBOURS.get(letter.lower(), letter)) + text[position + 1 :]
