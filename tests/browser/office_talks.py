"""What residents and staff say in the pictures of the console and the studio: made up, and nobody has a name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from knowledge.languages import Language


@dataclass(frozen=True)
class Talk:
    """What a resident says, how many say it in these weeks, and what they think of the last answer."""

    says: tuple[str, ...]
    times: int = 1
    thumb: str = ""
    stars: int = 0


TALKS: Mapping[Language, Sequence[Talk]] = {
    "sv": (
        Talk(("Vart ska jag ringa om mamma inte klarar sig hemma?", "tack"), 6, "up", 5),
        Talk(("Vad är Hjälp-knappen?", "var hittar jag den"), 5, "up", 4),
        Talk(("tandläkartid",), 7),
        Talk(("Hur får jag färdtjänst?",), 4),
        Talk(("var får jag en rullstol", "jag behöver en rullstol till min make, var får jag den"), 3, "down", 2),
        Talk(("hur ansöker man om stöd för närståendevård",), 5, "up"),
        Talk(("Vad kostar ett besök på hälsostationen?",), 5),
        Talk(("när öppnar laboratoriet i Kannus",), 4, "down"),
        Talk(("Vilka digitala vårdvägar finns det?",), 3, "", 4),
        Talk(("min tonåring mår dåligt, vem kan vi tala med",), 4, "up"),
        Talk(("jag vill tala med en människa",), 3),
        Talk(("jag har ont i bröstet och kan inte andas",), 1),
        Talk(("Ni svarar inte på det jag frågar", "det var inte det jag frågade om hemvården"), 2, "down", 1),
        Talk(("hei, puhutaanko täällä myös suomea", "Mikä on perhekeskus?"), 2),
        Talk(("Jag heter inget särskilt, ring mig på 040 765 4321 om hemvården",), 2),
        Talk(("vaccination mot influensa, var och när",), 4),
        Talk(("rådgivningen",), 3),
        Talk(("måste jag betala om jag inte kan komma till tandläkaren på morgonen",), 2, "down"),
        Talk(("Hur många kommuner hör till välfärdsområdet?",), 2, "up"),
        Talk(("hjälpmedel för hörseln", "jag menar hörapparat"), 2),
        Talk(("skuldrådgivning",), 2),
    ),
    "fi": (
        Talk(("Mist mä saan apua ku äiti ei pärjää kotona", "kiitos"), 6, "up", 5),
        Talk(("Mikä on Apua-nappi?", "mistä sen löytää"), 5, "up", 4),
        Talk(("hammaslääkäri",), 7),
        Talk(("Miten haen kuljetuspalvelua?",), 4),
        Talk(("mistä saan pyörätuolin", "tarvitsen pyörätuolin puolisolleni, mistä sen saa"), 3, "down", 2),
        Talk(("miten omaishoidon tukea haetaan",), 5, "up"),
        Talk(("Paljonko käynti terveysasemalla maksaa?",), 5),
        Talk(("milloin Kannuksen laboratorio aukeaa",), 4, "down"),
        Talk(("Mikä on digipolku?",), 3, "", 4),
        Talk(("nuori voi huonosti, kenelle voi puhua",), 4, "up"),
        Talk(("haluan puhua ihmisen kanssa",), 3),
        Talk(("kova rintakipu, en saa henkeä",), 1),
        Talk(("En saanut vastausta kysymykseeni", "kysyin kotihoidosta, en tästä"), 2, "down", 1),
        Talk(("hej, kan jag skriva på svenska", "Vad är ett familjecenter?"), 2),
        Talk(("soittakaa minulle numeroon 040 765 4321 kotihoidosta",), 2),
        Talk(("influenssarokotus, missä ja milloin",), 4),
        Talk(("neuvola",), 3),
        Talk(("pitääkö maksaa jos en pääse aamulla hammaslääkäriin",), 2, "down"),
        Talk(("Montako kuntaa hyvinvointialueeseen kuuluu?",), 2, "up"),
        Talk(("apuväline kuuloon", "tarkoitan kuulokojetta"), 2),
        Talk(("velkaneuvonta",), 2),
    ),
}
QUEUED: Mapping[Language, Sequence[str]] = {
    "sv": ("Vem kan hjälpa mig att fylla i ansökan om färdtjänst?", "Hemvården kom inte i dag, vad gör jag?"),
    "fi": ("Kuka auttaa täyttämään kuljetuspalvelun hakemuksen?", "Kotihoito ei tullut tänään, mitä teen?"),
}
CALLED: Mapping[Language, Sequence[str]] = {
    "sv": ("Kan någon ringa mig om hemvården?", "Jag vill boka tid till tandläkaren", "Vem ringer jag om färdtjänst?"),
    "fi": ("Voiko joku soittaa kotihoidosta?", "Haluan varata hammaslääkärin", "Kenelle soitan kuljetuspalvelusta?"),
}
TAKEN: Mapping[Language, tuple[str, str, str]] = {
    "sv": (
        "Vem får en Hjälp-knapp?",
        "Hej! Jag är rådgivare på Soite. Är det du själv som behöver hjälp, eller någon i familjen?",
        "Det gäller vår familj, vi är trötta. Vad är familjecentret?",
    ),
    "fi": (
        "Kuka saa käyttää Apua-nappia?",
        "Hei! Olen Soiten neuvoja. Tarvitsetko apua itsellesi vai perheelle?",
        "Koko perheelle, olemme väsyneitä. Mikä on perhekeskus?",
    ),
}
NOTES: Mapping[Language, str] = {
    "sv": "Frågan gäller hjälpmedel till hemmet. Samma fråga har kommit flera gånger den här veckan.",
    "fi": "Kysymys koskee apuvälineitä kotiin. Sama on kysytty monta kertaa tällä viikolla.",
}
WISHES: Mapping[Language, str] = {"sv": "vardagar efter kl. 12", "fi": "arkisin klo 12 jälkeen"}
NAMES: Mapping[Language, tuple[str, str, str]] = {
    "sv": ("Rådgivare Ett", "Rådgivare Två", "Administratör Ett"),
    "fi": ("Neuvoja Yksi", "Neuvoja Kaksi", "Pääkäyttäjä Yksi"),
}
VIEWS: Mapping[Language, tuple[str, str]] = {
    "sv": ("Missnöjda", "rating=down"),
    "fi": ("Tyytymättömät", "rating=down"),
}
