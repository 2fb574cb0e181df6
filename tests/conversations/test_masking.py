"""Personal data vanishes before anything else sees it; what a resident needs answered stays."""

from __future__ import annotations

import random
import re

import pytest
from sentences import WITH, WITHOUT

from conversations.masking import KINDS, mask_text
from knowledge.build import KNOWLEDGE_FOLDER
from knowledge.services import read_services

PUBLISHED = tuple(
    channel.number
    for service in read_services(KNOWLEDGE_FOLDER / "services")[0]
    for channel in service.channels
    if channel.number
)
SIGNS = "-+ABCDEFYXWVU"

IDENTITY_CODES = [
    *(f"131052{sign}308T" for sign in SIGNS),
    *(f"131052{sign}308T".lower() for sign in SIGNS),
    *(f"131052 {sign} 308T" for sign in SIGNS),
    *(f"131052-308{check}" for check in "0A9YGIOQZ"),
    "131052 -308T",
    "131052- 308T",
    "131052-308 T",
    "131052 - 308 t",
    "13 10 52 - 308 T",
    "13.10.52-308T",
    "13.10.1952-308T",
    "13101952-308T",
    "131052308T",
    "131052 308T",
    "131052\n-308T",
    "131052\u2010308T",
    "131052\u2011308T",
    "131052\u2013308T",
    "131052\u2014308T",
    "131052\u2212308T",
    "131052\u00a0-\u00a0308T",
    "１３１０５２-３０８T",
    "１３１０５２－３０８Ｔ",
    "١٣١٠٥٢-٣٠٨T",
    "1\u200b31052-3\u200d08T",
    "131052-\u2060308T",
    "131052\u00ad-308T",
    "\u202a131052-308T\u202c",
]
PHONES = [
    "0401234567",
    "040 1234567",
    "040-1234567",
    "040 - 1234567",
    "040 123 4567",
    "040 12 34 567",
    "040-123-4567",
    "040.123.4567",
    "040/1234567",
    "040\u00a0123\u202f4567",
    "040\u20131234567",
    "(040) 1234567",
    "(040)1234567",
    "050 12345",
    "0457 123 4567",
    "06 826 4111",
    "06-8264111",
    "(06) 826 4111",
    "09 123 456",
    "+358401234567",
    "+358 40 1234567",
    "+358-40-1234567",
    "+358 (0)40 123 4567",
    "+358(0)401234567",
    "00358401234567",
    "00358 40 123 4567",
    "00 358 40 1234567",
    "358401234567",
    "401234567",
    "+46 70 123 45 67",
    "+46701234567",
    "０４０１２３４５６７",
    "040\u200b1234567",
    "11612345678",
]
EMAILS = [
    "kund@example.org",
    "Kund.Ett@Example.ORG",
    "kund.ett+soite@mail.example.org",
    "kund_ett-1@example.co.uk",
    "åsa.öberg@exämple.fi",
    "kund @ example . org",
    "kund@ example.org",
    "kund@example. org",
    "kund(at)example.org",
    "kund [at] example.org",
    "kund(ät)example(piste)fi",
    "kund (at) example (punkt) fi",
    "kund at example.org",
    "kund ät example.fi",
    "kund@exa\u200bmple.org",
]
IBANS = [
    "FI21 1234 5600 0007 85",
    "FI2112345600000785",
    "fi21 1234 5600 0007 85",
    "FI21-1234-5600-0007-85",
    "FI 21 1234 5600 0007 85",
    "SE45 5000 0000 0583 9825 7466",
    "GB29 NWBK 6016 1331 9268 19",
    "NL91ABNA0417164300",
    "EE382200221020145685",
]
CARDS = ["4111 1111 1111 1111", "4111111111111111", "4111-1111-1111-1111", "3782 822463 10005", "5555 5555 5555 4444"]
ACCOUNTS = ["159030-776", "159030-00000776", "159030 - 776", "800012-10002400"]
ADDRESSES = [
    "Storgatan 5",
    "storgatan 5",
    "Storgatan 5 B",
    "Storgatan 5 B 12",
    "Storgatan 5b",
    "Storgatan 5 lgh 3",
    "Västra Storgatan 12",
    "Karlebyvägen 114",
    "Skolstigen 3",
    "Strandesplanaden 7",
    "Långbrinken 2",
    "Anders Chydenius gata 12",
    "Rantakatu 3",
    "rantakatu 3 a 12",
    "Rantakatu 3:ssa",
    "Rantakadulla 3",
    "Rantakadun 3",
    "Rantakadulta 3",
    "Isokadulle 12",
    "Pitkänsillankatu 16-20",
    "Mäntykankaantie 7",
    "Mäntykankaantiellä 7",
    "Koivukuja 4 as. 2",
    "Koivukujalla 4",
    "Metsäpolku 9",
    "Antti Chydeniuksen katu 5",
    "67100 Karleby",
    "67100 Kokkola",
    "69600 KAUSTINEN",
]
BY_KIND = {
    "identity_code": IDENTITY_CODES,
    "phone": PHONES,
    "email": EMAILS,
    "iban": IBANS,
    "card": CARDS,
    "account": ACCOUNTS,
    "address": ADDRESSES,
}
SECRETS = [(kind, secret) for kind, secrets in BY_KIND.items() for secret in secrets]
SAID_AROUND = [
    ("", ""),
    ("Min uppgift är ", "."),
    ("Jag är hemma, ", ", vart ska jag ringa?"),
    ("Tietoni on ", ", mihin soitan?"),
    ("Se on ", " kiitos"),
    ("(", ")"),
    ("“", "”"),
    ("Tiedot:\n", "\nkiitos"),
]

WITHOUT_PERSONAL_DATA = [
    # Service and emergency numbers that are no one's own
    "112",
    "Ring 112 genast!",
    "116117",
    "116 117",
    "Soita 116117.",
    "116 111",
    "116111",
    "Päivystysapu 116 117, hätänumero 112",
    "080 005 005",
    "0800 147 111",
    "0800 96 116",
    "0206 12345",
    "0600 12345",
    # Years and spans of years
    "2023",
    "2020–2022",
    "2020-2021",
    "åren 2020, 2021 och 2022",
    "vuosina 2020 2021 2022 2023",
    "strategin 2020–2022 och 2023–2025",
    # Dates and times
    "1.1.2017",
    "01.01.2017",
    "13.6.2022",
    "22.11.2023",
    "05.12.2026",
    "1.1.2017–31.12.2022",
    "01.01.2017–31.12.2022",
    "01.01.2017 - 31.12.2022",
    "2026-11-22",
    "2026-01-05 08:30",
    "05/2026",
    "5.6.",
    "kl. 8–16",
    "kl. 08.00–16.00",
    "kl 08:00-16:00",
    "klo 09.00-15.30",
    "klo 8.30",
    "05.12.2026 klo 09.30",
    "24/7",
    # Laws and paragraphs
    "lag 306/2019",
    "lain 423/2003 6 a §",
    "616/2021",
    "L 12.12.2003/1061",
    "L 05.12.2003/1061",
    "6 a § 2 mom.",
    "13 § 1 momentin 3 kohta",
    # Sums, amounts, counts
    "4 903 897 euroa",
    "4 903 897 €",
    "4\u00a0903\u00a0897 euro",
    "1 000 000 euro",
    "10 000 000 euroa",
    "68 000 invånare",
    "noin 200 000 ihmistä",
    "78 000 och 68 000",
    "mellan 4 000 – 5 000 personer",
    "4 000–5 000 euroa kuussa",
    "10 000 - 15 000 €",
    "10–20 %",
    "39,5 grader",
    "0,05 mg",
    "blodtryck 150/90",
    "500 mg",
    "24,90 €",
    "1 234,50 €",
    "68000 invånare",
    "10000 euroa",
    "de 12 digitala vårdvägarna",
    "Onko niitä siis 12 digihoitopolkua?",
    "ja 12 digihoitopolkua on",
    "av 20 personer",
    "de 10 kommunerna",
    "jo 15 kuukautta",
    "en 90 åring",
    "on 75 vuotiaana",
    "lapsi on 10 kuukauden ikäinen",
    "Soite 2.0",
    "de nio resultaten, nummer 7",
    # Words that look like a street or an address
    "12 digihoitopolkua",
    "Digihoitopolku 3",
    "hoitopolku 12",
    "vårdvägen 12",
    "servicestigen 2",
    "Voiko hammaslääkäri paikata 2 hammasta?",
    "joudun matkata 10 kilometriä",
    "verenpaineen lukuja 3 päivältä",
    "tein hakuja 2 kertaa",
    "Jag bor i Karleby",
    "asun Kokkolassa",
    "Kuka johtaa Suomea?",
    "Vem är Eija Kellokoski-Kari?",
    "vi ses at 5",
    "@soite",
    "soite.fi",
    "https://www.soite.fi/kontakt?id=12345",
    "fi",
    "B12-vitamin",
    "covid-19",
    "rum 305, våning 3",
    "Y-tunnus 1234567-8",
    "",
    " ",
    "???",
]


@pytest.mark.parametrize(("before", "after"), SAID_AROUND)
@pytest.mark.parametrize(
    ("kind", "secret"), [(kind, secret) for kind, secrets in BY_KIND.items() for secret in secrets]
)
def test_personal_data_is_masked_and_nothing_else(kind: str, secret: str, before: str, after: str) -> None:
    assert mask_text(f"{before}{secret}{after}", PUBLISHED).text == f"{before}[{kind}]{after}"


@pytest.mark.parametrize("text", WITHOUT_PERSONAL_DATA)
def test_what_is_not_personal_stays(text: str) -> None:
    masked = mask_text(text, PUBLISHED)
    assert masked.text == text
    assert masked.masks == ()


_BRACES = re.compile(r"\{(\w+):([^{}]*)\}")


@pytest.mark.parametrize("sentence", [sentence for language in WITH for sentence in WITH[language]])
def test_a_sentence_loses_what_is_personal_and_keeps_the_rest(sentence: str) -> None:
    written, expected = _BRACES.sub(r"\2", sentence), _BRACES.sub(r"[\1]", sentence)
    assert mask_text(written, PUBLISHED).text == expected


@pytest.mark.parametrize("sentence", [sentence for language in WITHOUT for sentence in WITHOUT[language]])
def test_a_sentence_with_nothing_personal_stays_whole(sentence: str) -> None:
    assert mask_text(sentence, PUBLISHED).text == sentence


@pytest.mark.parametrize("number", PUBLISHED)
def test_a_published_number_stays_in_a_question(number: str) -> None:
    for text in (f"Svarar {number} på natten?", f"onko {number.replace(' ', '')} maksuton", f"puh.{number}"):
        assert mask_text(text, PUBLISHED).text == text


def test_a_number_that_is_to_be_kept_is_known_by_its_digits() -> None:
    assert mask_text("09-25250112", ["09 2525 0112"]).text == "09-25250112"
    assert mask_text("09 2525 0112").text == "[phone]"
    assert mask_text("09 2525 0113", ["09 2525 0112"]).text == "[phone]"


@pytest.mark.parametrize(
    "text",
    [
        "131052-308",
        "hetun alku 131052-30",
        "puh.0401234567",
        "Tel.040-1234567",
        "nr:0401234567",
        "nro0401234567",
        "hetu131052-308T",
        "131052-308T:n tiedot",
        "040 1234567 050 7654321",
        "040 1234567 / 050 7654321",
        "0401234567 0507654321",
        "0401234567\n0507654321",
        "040 1234567, 050 7654321",
        "0800 147 111 040 1234567",
        "040 1234567 0800 147 111",
        "131052-308T 040 1234567 kund@example.org",
        "131052-308T,010190A123B",
        "131052-308T/010190A123B",
        "olen 75 0401234567",
        "synt. 13.10.1952 puh 0401234567",
        "1.1.2017, 0401234567",
        "FI2112345600000785 FI2112345600000785",
        "1310523081",
        "12345678901",
    ],
)
def test_no_digits_of_a_persons_own_stay(text: str) -> None:
    left = mask_text(text, PUBLISHED).text
    for harmless in ("0800 147 111", "13.10.1952", "1.1.2017", "75"):
        left = left.replace(harmless, "")
    assert not re.search(r"\d", left), left


def test_the_words_after_an_address_stay() -> None:
    assert mask_text("Skriv till kund@example.org. Ring mig").text == "Skriv till [email]. Ring mig"
    assert mask_text("Minä asun Rantakatu 3. Milloin terveysasema on auki?").text == (
        "Minä asun [address]. Milloin terveysasema on auki?"
    )
    assert mask_text("Jag bor på Storgatan 5 och behöver hjälp").text == "Jag bor på [address] och behöver hjälp"


def test_the_kinds_are_named_once_in_their_order() -> None:
    masked = mask_text("Ring 040 1234567 eller 050 7654321, eller kund@example.org, Storgatan 5.")
    assert masked.text == "Ring [phone] eller [phone], eller [email], [address]."
    assert masked.kinds == ("phone", "email", "address")
    assert mask_text("Hej").kinds == ()
    assert set(BY_KIND) == set(KINDS)


def _planted(chance: random.Random) -> tuple[str, list[str]]:
    words = ["Hej", "mä asun täällä", "vart ringer jag", "kiitos!", "mun äiti", "🙂", "2023", "112", "–", "apua..."]
    pieces, planted = [], []
    for _ in range(chance.randint(1, 6)):
        pieces.append(chance.choice(words))
        planted.append(chance.choice(SECRETS)[1])
        pieces.append(planted[-1])
    gap = chance.choice([" ", ", ", "\n", "; ", " (", ") "])
    return gap.join([*pieces, chance.choice(words)]), planted


@pytest.mark.parametrize("seed", range(1000))
def test_masks_stand_where_they_say_and_a_second_masking_changes_nothing(seed: int) -> None:
    text, planted = _planted(random.Random(seed))
    masked = mask_text(text, PUBLISHED)
    assert masked.masks
    for mask in masked.masks:
        assert masked.text[mask.start : mask.end] == f"[{mask.kind}]"
    starts = [mask.start for mask in masked.masks]
    assert starts == sorted(starts)
    assert [secret for secret in planted if secret in masked.text] == []
    again = mask_text(masked.text, PUBLISHED)
    assert (again.text, again.masks) == (masked.text, ())


def test_invisible_characters_are_gone_and_other_digits_are_plain() -> None:
    assert mask_text("ko\u200bdin\u00ad ٣ ３").text == "kodin 3 3"


NASTY = {
    "letters": "a" * 2000,
    "digits": "1" * 2000,
    "zeros": "0" * 2000,
    "digits and blanks": "1 " * 1000,
    "zeros and hyphens": "0-" * 1000,
    "hyphens": "-" * 2000,
    "letters and hyphens": "a-" * 1000,
    "letters and full stops": "a." * 1000,
    "at signs": "a@" * 1000,
    "at signs and full stops": "a@a." * 500,
    "at as a word": "a at " * 400,
    "pluses": "+3" * 1000,
    "brackets": "(" * 2000,
    "brackets and digits": "(0" * 1000,
    "blanks": "131052" + " " * 1994,
    "tabs": "\t" * 2000,
    "identity codes cut off": "131052- 30 " * 180,
    "endings of streets": "katu" * 500,
    "endings of streets apart": "aakatu " * 285,
    "capitals": "Aa " * 666,
    "iban": "fi12" + "abcd" * 499,
    "iban apart": "fi12 " * 400,
    "quotation marks": "'" * 2000,
    "combining": "a\u0308" * 1000,
    "spelled out": "a at b punkt " * 150,
    "points": "a punkt " * 250,
    "single digits": "0 " * 1000,
    "years": "2020 " * 400,
    "dates": "1.1." * 500,
    "thousands": "1 000 " * 333,
    "invisible": "\u200b" * 2000,
}


@pytest.mark.parametrize("text", NASTY.values(), ids=NASTY)
def test_any_long_text_comes_back(text: str) -> None:
    assert len(text) <= 2000
    masked = mask_text(text, PUBLISHED)
    assert all(masked.text[mask.start : mask.end] == f"[{mask.kind}]" for mask in masked.masks)
