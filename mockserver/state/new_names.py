"""Names for copies: what a property names, and other people, companies and groups to name there."""

import math
import re
import string
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import count
from typing import Any

from mockserver.state.new_ids import count_shared

ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
MAILBOXES = (
    "info",
    "office",
    "hello",
    "contact",
    "sales",
    "support",
    "help",
    "billing",
    "noreply",
    "no-reply",
)
_PEOPLE = ("user", "person", "member", "contact", "author", "owner", "customer", "employee", "assignee")
_COMPANIES = ("tenant", "partner", "company", "organisation", "organization", "vendor", "supplier", "client")
_GROUPS = ("group", "team", "squad", "crew")
_KINDS = {
    **dict.fromkeys(("display_name", "full_name", "real_name"), "person"),
    **dict.fromkeys(("first_name", "given_name"), "given"),
    **dict.fromkeys(("last_name", "family_name", "surname"), "family"),
    **dict.fromkeys(("username", "user_name", "login", "nickname", "handle"), "login"),
}


def kind_of_name(name: str, noun: str, value: str, around: Mapping[str, Any]) -> str | None:
    """Tell what a property names, from its name and from what has it: a person, a company, a group, …"""
    words = words_of(name)
    known = _KINDS.get("_".join(words))
    if known or not words or not value[:1].isupper():
        return known
    about = words[-1] if words[-1] != "name" else _singular(words[-2:-1] or words_of(noun)[-1:])
    if about in _COMPANIES:
        return "company"
    if about in _GROUPS:
        return "group"
    if about in _PEOPLE or (words == ["name"] and any(words_of(key)[-1:] == ["email"] for key in around)):
        return "person" if " " in value else None
    return None


def person_in(around: Mapping[str, Any], noun: str) -> str:
    """Find the name of the person that an object tells of."""
    found = {
        kind: value
        for key, value in around.items()
        if isinstance(value, str) and (kind := kind_of_name(key, noun, value, around))
    }
    return found.get("person") or " ".join(found[kind] for kind in ("given", "family") if kind in found)


def words_of(name: str) -> list[str]:
    """Give the words of a property's name in lower case: two for ``displayName`` and ``display_name``."""
    return [word.lower() for word in re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])", name)]


def _singular(words: Sequence[str]) -> str:
    word = words[0] if words else ""
    if word == "people":
        return "person"
    return f"{word[:-3]}y" if word.endswith("ies") else word.removesuffix("s")


def given_and_family(name: str) -> tuple[str, str]:
    """Take a person's name apart at its first space."""
    given, _, family = name.partition(" ")
    return given, family


def slug(name: str) -> str:
    """Write a name as addresses do: ASCII letters and digits, in lower case."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return "".join(re.findall(r"[a-z0-9]", plain.lower()))


# How the part of an address before the @ is made of a person's name; the first where it is unknown.
STYLES: Sequence[Callable[[str, str], str]] = (
    lambda given, family: f"{slug(given)}.{slug(family)}",
    lambda given, family: f"{slug(given)}_{slug(family)}",
    lambda given, family: f"{slug(given)}-{slug(family)}",
    lambda given, family: f"{slug(given)}{slug(family)}",
    lambda given, family: f"{slug(family)}.{slug(given)}",
    lambda given, family: f"{slug(given)[:1]}.{slug(family)}",
    lambda given, family: f"{slug(given)[:1]}{slug(family)}",
    lambda given, family: slug(given),
    lambda given, family: slug(family),
)


def brands_of(companies: Iterable[str]) -> Iterator[tuple[str, tuple[str, str, str]]]:
    """
    Find the brand in the name of each company; gives what stands before it, the brand, and what follows.

    It is what all companies have in common that begin with the same word, such as a house and its branches;
    of one alone all but the last word, which tells its trade: Brackwater in Brackwater Logistics.
    """
    families: dict[str, list[str]] = {}
    for company in companies:
        families.setdefault(company.split(" ")[0], []).append(company)
    for family in families.values():
        for company in family:
            head, of, brand = company.partition(" of ")
            if of:
                yield company, (f"{head}{of}", brand, "")
                continue
            words = company.split(" ")
            shared = count_shared([each.split(" ") for each in family])
            length = shared if len(family) > 1 else max(1, len(words) - 1)
            tail = "".join(f" {word}" for word in words[length:])
            yield company, ("", " ".join(words[:length]), tail)


def person_at(index: int, seed: int) -> str:
    """Give the name of one person; no two are the same."""
    again, place = _scattered(index, len(_GIVEN) * len(_FAMILY), seed)
    family, given = divmod(place, len(_GIVEN))
    initials = "".join(f"{letter}. " for letter in _letters(again))
    return f"{_GIVEN[given]} {initials}{_FAMILY[family]}"


def brand_at(index: int, seed: int) -> str:
    """Give the name of one brand; no two are the same."""
    again, place = _scattered(index, len(_FIRST) * len(_SECOND), seed)
    second, first = divmod(place, len(_FIRST))
    return " ".join([_FIRST[first], _SECOND[second], *_letters(again)])


def _letters(number: int) -> str:
    """Count in letters: nothing, A, B, …, Z, AA, …"""
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = string.ascii_uppercase[rest] + letters
    return letters


def _scattered(index: int, size: int, seed: int) -> tuple[int, int]:
    """Give an index one of ``size`` places, far from its neighbours'; and how often all were given before."""
    step = next(each for each in count(int(size * 0.618)) if math.gcd(each, size) == 1)
    again, index = divmod(index, size)
    return again, (index * step + seed * 7919) % size


def _listed(words: str) -> Sequence[str]:
    return tuple(words.split())


_GIVEN = _listed("""
Ada Adil Agnes Aiko Alba Alec Alina Amara Amos Anders Anika Anton Aria Arjun Astrid Aurel Basil Beata Benno
Bianca Bram Brigid Callum Camila Carlos Cecile Cedric Chiara Clara Conrad Cyrus Dagny Dalia Damian Daria
Dario Davor Delia Diego Edda Edgar Eira Elias Elin Eloise Emeka Enzo Erik Esme Ewa Fabio Farah Felix Fiona
Flora Frida Gael Gemma Gideon Greta Hamid Hanna Hector Heidi Henrik Hugo Ida Idris Ilse Imani Ines Ismael
Ivan Ivy Jasper Joana Jonas Judith Jules Kaia Kamal Katya Keiko Kofi Lara Lars Layla Leif Lena Leon Liv
Lucio Luz Maja Malik Mara Marek Marta Mateo Maya Mei Mila Milo Mona Nadir Naomi Nils Nina Noa Nuria Odile
Olga Omar Orla Oscar Otto Paola Pavel Petra Pia Quinn Rafael Rania Renzo Rhea Rosa Rowan Ruben Runa Sami
Selma Sergio Signe Simon Sofia Sven Tamar Tarek Tessa Theo Tilda Tomas Tove Ulla Uma Vera Victor Wanda
Willem Xenia Yara Yusuf Zara Zeno
""")
_FAMILY = _listed("""
Abara Acker Adler Aguirre Ahlberg Albers Alvarez Amari Anand Arvidsson Ashdown Asante Bakker Banerjee
Baptiste Barlow Bauer Beaumont Becker Bellini Berg Bianchi Birch Bjork Blanc Boateng Borgen Brandt Brennan
Bruun Cabral Calder Callahan Cardoso Castillo Cerny Chandra Chen Clarke Conti Cordero Costa Crane Dahl Danso
Dawson Delgado Demir Dietrich Dubois Duarte Eberhart Ekberg Elliott Engel Eriksen Falk Faure Ferrara Fischer
Fjeld Fontana Forsyth Franco Fujita Gallo Garnier Gebauer Gomez Greco Grant Gruber Gupta Haas Hagen Halloran
Hansen Hartwell Hayashi Heller Herrera Hoffmann Holm Horvat Hughes Ibarra Idowu Ito Iversen Jansen Jimenez
Joubert Juhl Kaplan Karlsen Kaya Keller Khalil Kimura Klein Kovac Kruger Kumar Laine Lambert Larkin Laurent
Leclerc Lindholm Lombardi Lopes Lund Madsen Mancini Marin Marlowe Mbeki Meijer Mendes Meyer Mikkelsen Mirza
Molina Moretti Mwangi Nagy Navarro Neumann Nielsen Nolan Novak Nyberg Obi Okafor Olsen Ortega Osman Palmer
Patel Pereira Persson Pham Pinto Popov Prescott Quiroga Rahman Ramos Rasmussen Reyes Riedel Rivera Rojas
Romano Rossi Russo Saito Salgado Santos Schaefer Sharma Silva Simic Sinclair Soares Sorensen Steiner Strand
Suzuki Svensson Tanaka Thorne Torres Unger Valdez Varga Vasquez Vidal Vogel Wagner Walsh Weber Westberg
Winter Yamada Yilmaz Zeller Zeman Ziegler
""")
_FIRST = _listed("""
Alder Amber Anvil Apple Arbour Aspen Aster Badger Beacon Birch Blaze Bramble Bridge Bright Bronze Candle
Cedar Chalk Cinder Clear Clover Cobalt Copper Coral Crane Crescent Dapple Dawn Delta Drift Dune Elder Ember
Fallow Fern Field Flint Forge Fox Frost Gable Garnet Ginger Glass Golden Granite Green Grey Hazel Heather
Heron Hollow Hop Indigo Iron Island Ivory Jasper Juniper Keel Kestrel Lantern Larch Lark Laurel Lilac Linden
Lunar Maple Marble Marsh Meadow Mellow Mill Mint Misty Moss Night North Oak Ochre Olive Opal Orchid Osprey
Otter Pearl Pebble Pine Plover Poplar Quarry Quartz Quill Raven Reed River Robin Rowan Russet Saffron Sable
Sage Salt Silver Slate Sorrel Spruce Stone Storm Summer Swift Tamarind Teal Thistle Timber Topaz Umber
Velvet Violet Walnut Water Wheat Willow Winter Wren Yarrow
""")
_SECOND = _listed("""
Acre Anchor Arch Bank Barn Basin Bay Bell Bend Bluff Bower Brook Camp Cape Cliff Cote Court Cove Creek Crest
Croft Cross Dale Dell Down Edge End Fall Fell Fen Ferry Ford Gate Glen Grange Green Grove Hall Harbour Haven
Head Heath Hill Holt Hurst Isle Keep Knoll Lake Lane Ledge Lock Lodge March Mead Mere Moor Mount Nook Park
Pass Path Peak Pier Point Pond Port Quay Range Reach Rest Ridge Rise Rock Row Shaw Shore Spring Spur Square
Stead Strand Street Thorpe Top Tower Vale View Walk Ward Way Weald Well Wharf Wick Wold Wood Yard
""")
PLACES = _listed("""
Abbotsmere Aldermoor Ashbeck Balnamore Birkholm Brannock Bredevoort Calderwick Castelmare Dunmere Eastholt
Elmstead Fairhaven Feldheim Fernhurst Glenrothie Grasmoor Hallvik Harrowgate Hexmoor Ingleby Kesselbrook
Kirkdale Langford Lindach Lisvane Marlbeck Merefield Midholm Montclair Netherby Nordhaven Oakhampton
Oudewater Pennard Portmarin Quendale Ravensholm Rivabella Rosedene Sandwick Selbourne Silverdale Stanmere
Stenholt Sundvik Tarnbrook Thornbury Torrevale Ulmenau Valdemar Wendover Westmere Whitcombe Wolfsberg
Wrenfield Yarmoor Zuidhaven
""")
