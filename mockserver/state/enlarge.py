"""
Make a large fixture set out of a small one, which is copied again and again as a whole world.

In a copy every string that is the id of some item is the id of that item's copy, so that references stay
right; an id inside a longer string is left alone. People, companies and groups have other names, and people
the e-mail addresses that go with them. Absolute times lie further back, all of one world by the same amount.
The rest stays as it is, times like ``+3d`` too.
"""

import hashlib
import math
import re
import string
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import count
from operator import itemgetter
from typing import Any

from mockserver.contract.operation import Contract
from mockserver.errors import MockServerError
from mockserver.state.clock import read_time, write_time
from mockserver.state.fixtures import COMPOSING, Content, Intake, collections_of, parts_of
from mockserver.state.items import Item

Slot = tuple[str, Any]
"""What differs from world to world: of which kind it is, and what stands there in the source."""
Template = Callable[["_World"], Any]
"""A value of the source with slots in it, which a world fills."""


def enlarge(
    content: Content, contract: Contract, *, worlds: int, seed: int, now: datetime
) -> Iterator[Content]:
    """
    Give a set as it is, and after it copies of it, until there are so many ``worlds``.

    The set comes as it was written, with its relative times. With one seed the copies are always the same;
    no id stands twice in all of them.

    Raises:
        MockServerError: the copy of an item breaks the contract, even with the names of the original.
    """
    yield content
    source = _Source(content, seed)
    copiers = [_Copier(source, contract, now, collection) for collection in content]
    source.settle()
    for number in range(1, worlds):
        world = _World(source, number)
        yield {copier.collection: copier.copy(world) for copier in copiers}


class _Copier:
    """Copies the items of one collection, and holds every copy against the contract."""

    def __init__(self, source: "_Source", contract: Contract, now: datetime, collection: str) -> None:
        self.collection = collection
        schema = collections_of(contract)[collection]
        self._intake = Intake(schema, contract.data, now)
        self._templates = []
        readers = [_Reader(source, contract.data, renames=renames) for renames in (True, False)]
        for item in source.content[collection]:
            self._intake.take(item)
            self._templates.append([each.read(item, collection, schema.definition) for each in readers])

    def copy(self, world: "_World") -> list[Item]:
        return [self._fill(templates, world) for templates in self._templates]

    def _fill(self, templates: Sequence[Template], world: "_World") -> Item:
        for template in templates:
            item: Item = template(world)
            self._intake.take(item)
            if not self._intake.complaints:
                return item
            text = self._intake.complaints[0].text
            self._intake.complaints.clear()
        raise MockServerError(f"{self.collection}, a copy with the id {item.get('id')}: {text}")


class _Reader:
    """Reads items as templates; one that does not ``renames`` gives all the names of the original."""

    def __init__(self, source: "_Source", data: Mapping[str, Any], *, renames: bool) -> None:
        self._source = source
        self._data = data
        self._renames = renames

    def read(self, item: Item, collection: str, schema: Any) -> Template:
        return self._read_object(item, collection, schema) or (lambda _: item)

    def _read(
        self, value: Any, name: str, noun: str, around: Mapping[str, Any], schema: Any
    ) -> Template | None:
        """Read the value of a property ``name`` of a ``noun``; ``None`` where nothing in it differs."""
        if isinstance(value, dict):
            return self._read_object(value, name, schema)
        if isinstance(value, list):
            return self._read_list(value, name, noun, around, schema)
        if any("enum" in part or "const" in part for part in parts_of(schema, self._data, COMPOSING)):
            return None
        slot = self._slot(value, name, noun, around)
        return itemgetter(slot) if slot is not None else None

    def _read_list(
        self, values: list[Any], name: str, noun: str, around: Mapping[str, Any], schema: Any
    ) -> Template | None:
        inner = self._inside(schema, "items")
        read = [self._read(value, name, noun, around, inner) for value in values]
        if not any(read):
            return None
        pairs = list(zip(read, values, strict=True))
        return lambda world: [template(world) if template else value for template, value in pairs]

    def _read_object(self, value: Mapping[str, Any], noun: str, schema: Any) -> Template | None:
        read = {
            key: self._read(inner, key, noun, value, self._inside(schema, "properties", key))
            for key, inner in value.items()
        }
        varying = {key: template for key, template in read.items() if template is not None}
        if any(key in self._source.ids for key in value):
            return lambda world: {
                world["id", key] if key in self._source.ids else key: (
                    varying[key](world) if key in varying else inner
                )
                for key, inner in value.items()
            }
        if not varying:
            return None
        return lambda world: {**value, **{key: template(world) for key, template in varying.items()}}

    def _inside(self, schema: Any, *way: str) -> Any:
        """Find the schema of a part of a value; an empty one where there is none."""
        for part in parts_of(schema, self._data, COMPOSING):
            found: Any = part
            for step in way:
                found = found.get(step) if isinstance(found, dict) else None
            if found is not None:
                return found
        return {}

    def _slot(self, value: Any, name: str, noun: str, around: Mapping[str, Any]) -> Slot | None:
        if value.__class__ is int and value in self._source.numbers:
            return ("number", value) if _words(name)[-1:] in (["id"], ["ids"]) else None
        if not isinstance(value, str):
            return None
        if value in self._source.ids:
            return "id", value
        if kind := _kind_of_time(value):
            return kind, value
        return self._source.name_slot(value, name, noun, around) if self._renames else None


class _Source:
    """What the worlds are copied from: which ids there are, and who and what has a name."""

    def __init__(self, content: Content, seed: int) -> None:
        self.content = content
        self.seed = seed
        self.ids: dict[str, Callable[[int], str]] = {}
        ids = {collection: [item["id"] for item in items] for collection, items in content.items()}
        taken = {each for found in ids.values() for each in found if isinstance(each, str)}
        for found in ids.values():
            self.ids.update(_id_makers([each for each in found if isinstance(each, str)], seed, taken))
        self.numbers = _sequence({each for found in ids.values() for each in found if isinstance(each, int)})
        self.people: dict[str, int] = {}
        self.companies: dict[str, tuple[str, int, str]] = {}
        """By name: what stands before and after the brand, and which brand that is."""
        self.addresses: dict[str, tuple[str, int]] = {}
        """By e-mail address: whose it is, and which brand its domain has."""
        self.brands = 0

    def name_slot(self, value: str, name: str, noun: str, around: Mapping[str, Any]) -> Slot | None:
        """Tell what a string names; ``None`` where it is no name."""
        if _ADDRESS.fullmatch(value):
            if not self.addresses.get(value, ("", 0))[0]:
                is_shared = value.split("@")[0] in _MAILBOXES
                self.addresses[value] = ("" if is_shared else self._known(_person_in(around, noun)), 0)
            return "address", value
        kind = _kind_of_name(name, noun, value, around)
        if kind in ("given", "family", "login"):
            person = self._known(_person_in(around, noun))
            return (kind, (value, person)) if person else None
        if kind == "person":
            return kind, self._known(value)
        if kind == "company":
            self.companies.setdefault(value, ("", 0, ""))
        return (kind, value) if kind else None

    def settle(self) -> None:
        """Find out, now that all names are known, which of them belong together."""
        brands: dict[str, int] = {}
        for company, (head, brand, tail) in _brands_of(self.companies):
            self.companies[company] = (head, brands.setdefault(brand, len(brands)), tail)
        by_slug = {_slug(brand): index for brand, index in brands.items()}
        by_local = {style(*_given_and_family(name)): name for name in self.people for style in _STYLES}
        for address, (person, _) in self.addresses.items():
            local, domain = address.split("@")
            label = _slug(domain.split(".")[-2:][0])
            near = [slug for slug in by_slug if slug.startswith(label) or label.startswith(slug)]
            index = by_slug[max(near, key=len)] if near else brands.setdefault(f"@{label}", len(brands))
            self.addresses[address] = (person or by_local.get(local, "") or self._read_local(local), index)
        self.brands = len(brands)

    def _read_local(self, local: str) -> str:
        """Read a name out of ``anna.berg``; there is none in ``info``."""
        words = re.split(r"[._-]", local) if local not in _MAILBOXES else []
        return self._known(" ".join(map(str.capitalize, words))) if len(words) > 1 else ""

    def _known(self, person: str) -> str:
        if person:
            self.people.setdefault(person, len(self.people))
        return person


class _World(dict[Slot, Any]):
    """One copy: what stands in each slot, made when it is first asked for."""

    def __init__(self, source: _Source, number: int) -> None:
        self._source = source
        self._number = number
        digest = hashlib.shake_256(f"{source.seed}\0{number}".encode()).digest(8)
        self._back = timedelta(days=1, microseconds=int.from_bytes(digest) % _FURTHEST_BACK)
        self._addresses: set[str] = set()

    def __missing__(self, slot: Slot) -> Any:
        self[slot] = made = self._make(*slot)
        return made

    def _make(self, kind: str, value: Any) -> Any:
        source = self._source
        match kind:
            case "id":
                return source.ids[value](self._number)
            case "number":
                return source.numbers[value](self._number)
            case "person":
                return _person(self._index(source.people[value], len(source.people)), source.seed)
            case "given" | "family":
                given, family = _given_and_family(self["person", value[1]])
                return given if kind == "given" else family
            case "login":
                return f"{self._local(*value)}{self._number}"
            case "company":
                head, brand, tail = source.companies[value]
                return f"{head}{self['brand', brand]}{tail}"
            case "brand":
                return _brand(self._index(value, source.brands), source.seed)
            case "group":
                return f"{value}, {_PLACES[(self._number + source.seed) % len(_PLACES)]}"
            case "address":
                return self._address(value)
            case _:
                return _earlier(kind, value, self._back)

    def _index(self, index: int, in_each_world: int) -> int:
        return (self._number - 1) * in_each_world + index

    def _local(self, local: str, person: str) -> str:
        """Spell a person's new name as the old one was spelled."""
        if not person:
            return local
        style = next((each for each in _STYLES if each(*_given_and_family(person)) == local), _STYLES[0])
        return style(*_given_and_family(self["person", person]))

    def _address(self, address: str) -> str:
        person, brand = self._source.addresses[address]
        local, domain = address.split("@")
        spelled = self._local(local, person)
        place = ".".join([*domain.split(".")[:-2], _slug(self["brand", brand]), "example"])
        numbered = (f"{spelled}{number}@{place}" for number in count(2))
        made = f"{spelled}@{place}"
        while made in self._addresses:
            made = next(numbered)
        self._addresses.add(made)
        return made


# Ids: what makes the id of a copy out of the number of its world.

_HEXADECIMAL = "0123456789abcdef"
_ALPHABETS = (
    _HEXADECIMAL,
    _HEXADECIMAL.upper(),
    "abcdefghijklmnopqrstuvwxyz234567",  # RFC 4648, base 32
    "0123456789ABCDEFGHJKMNPQRSTVWXYZ",  # Crockford's base 32, of ULIDs
)
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_OPAQUE = 8  # as many characters after the prefix, some of them digits, are read as drawn, not written


def _sequence(numbers: set[int]) -> Mapping[int, Callable[[int], int]]:
    """Give by number what gives its successor in a world: they go on from the highest."""
    first = max(numbers, default=0) + 1
    return {number: _after(first + rank, len(numbers)) for rank, number in enumerate(sorted(numbers))}


def _after(first: int, step: int) -> Callable[[int], int]:
    return lambda world: first + (world - 1) * step


def _id_makers(ids: Sequence[str], seed: int, taken: set[str]) -> Mapping[str, Callable[[int], str]]:
    """Give by id what makes the ids of its copies: of the same shape, and none that is ``taken``."""
    if not ids:
        return {}
    common = ids[0][: _shared(ids)]
    stem = common.rstrip(string.digits)
    numbers = [each[len(stem) :] for each in ids]
    # With digits before it, it is no number, but the end of an id that was drawn.
    is_counted = not any(each.isdigit() for each in re.split(r"[_\-:.]", stem)[-1])
    if is_counted and all(each.isascii() and each.isdecimal() for each in numbers):
        after = _sequence(set(map(int, numbers)))
        return {each: _numbered(stem, len(n), after[int(n)]) for each, n in zip(ids, numbers, strict=True)}
    if all(map(_UUID.fullmatch, ids)):
        return {each: _drawn(each, 0, _HEXADECIMAL, seed, taken) for each in ids}
    found = re.match(r".*[_\-:.]", common)
    start = found.end() if found else 0
    tails = "".join(each[start:] for each in ids)
    alike = len(set(map(len, ids))) == 1 and len(tails) >= _OPAQUE * len(ids)
    if alike and tails.isascii() and tails.isalnum() and not tails.isalpha():
        return {each: _drawn(each, start, _alphabet(tails), seed, taken) for each in ids}
    return {each: _suffixed(each) for each in ids}


def _shared(sequences: Sequence[Sequence[str]]) -> int:
    """Count the parts at the beginning that all have in common."""
    return next(
        (at for at, parts in enumerate(zip(*sequences, strict=False)) if len(set(parts)) > 1),
        min(map(len, sequences)),
    )


def _numbered(stem: str, width: int, after: Callable[[int], int]) -> Callable[[int], str]:
    return lambda world: f"{stem}{after(world):0{width}}"


def _suffixed(item_id: str) -> Callable[[int], str]:
    local, at, domain = item_id.partition("@")
    return lambda world: f"{local}-{world + 1}{at}{domain}"


def _drawn(item_id: str, start: int, alphabet: str, seed: int, taken: set[str]) -> Callable[[int], str]:
    """Draw every character after ``start``, but for dashes and what tells the version of a UUID."""
    table = bytes(ord(alphabet[byte % len(alphabet)]) for byte in range(256))
    kept = [at for at, each in enumerate(item_id) if at < start or each == "-"]
    kept += [14, 19] if _UUID.fullmatch(item_id) else []
    is_upper = item_id.isupper()

    def make(world: int) -> str:
        for attempt in count():
            source = f"{seed}\0{world}\0{item_id}\0{attempt}".encode()
            drawn = list(hashlib.shake_256(source).digest(len(item_id)).translate(table).decode())
            for at in kept:
                drawn[at] = item_id[at]
            made = "".join(drawn)
            made = made.upper() if is_upper else made
            if made not in taken:
                break
        taken.add(made)
        return made

    return make


def _alphabet(text: str) -> str:
    for known in _ALPHABETS:
        if set(text) <= set(known):
            return known
    kinds = (string.ascii_lowercase, string.ascii_uppercase, string.digits)
    return "".join(kind for kind in kinds if not set(kind).isdisjoint(text))


# Times.

_FURTHEST_BACK = 60 * 24 * 3600 * 1_000_000  # microseconds
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _kind_of_time(text: str) -> str | None:
    if not text[:4].isdecimal():  # relative, or no time
        return None
    if _DATE.fullmatch(text):
        return "date"
    return "time" if read_time(text, datetime.now(UTC)) is not None else None


def _earlier(kind: str, text: str, by: timedelta) -> str:
    try:
        if kind == "date":
            return (date.fromisoformat(text) - by).isoformat()
        moment = read_time(text, datetime.now(UTC))
        return text if moment is None else write_time(moment - by)
    except (ValueError, OverflowError):
        return text


# Names.

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
_MAILBOXES = (
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


def _kind_of_name(name: str, noun: str, value: str, around: Mapping[str, Any]) -> str | None:
    """Tell what a property names, from its name and from what has it: a person, a company, a group, …"""
    words = _words(name)
    known = _KINDS.get("_".join(words))
    if known or not words or not value[:1].isupper():
        return known
    about = words[-1] if words[-1] != "name" else _singular(words[-2:-1] or _words(noun)[-1:])
    if about in _COMPANIES:
        return "company"
    if about in _GROUPS:
        return "group"
    if about in _PEOPLE or (words == ["name"] and any(_words(key)[-1:] == ["email"] for key in around)):
        return "person" if " " in value else None
    return None


def _person_in(around: Mapping[str, Any], noun: str) -> str:
    """Find the name of the person that an object tells of."""
    found = {
        kind: value
        for key, value in around.items()
        if isinstance(value, str) and (kind := _kind_of_name(key, noun, value, around))
    }
    return found.get("person") or " ".join(found[kind] for kind in ("given", "family") if kind in found)


def _words(name: str) -> list[str]:
    return [word.lower() for word in re.findall(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])", name)]


def _singular(words: Sequence[str]) -> str:
    word = words[0] if words else ""
    if word == "people":
        return "person"
    return f"{word[:-3]}y" if word.endswith("ies") else word.removesuffix("s")


def _given_and_family(name: str) -> tuple[str, str]:
    given, _, family = name.partition(" ")
    return given, family


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return "".join(re.findall(r"[a-z0-9]", plain.lower()))


# How the part of an address before the @ is made of a person's name; the first where it is unknown.
_STYLES: Sequence[Callable[[str, str], str]] = (
    lambda given, family: f"{_slug(given)}.{_slug(family)}",
    lambda given, family: f"{_slug(given)}_{_slug(family)}",
    lambda given, family: f"{_slug(given)}-{_slug(family)}",
    lambda given, family: f"{_slug(given)}{_slug(family)}",
    lambda given, family: f"{_slug(family)}.{_slug(given)}",
    lambda given, family: f"{_slug(given)[:1]}.{_slug(family)}",
    lambda given, family: f"{_slug(given)[:1]}{_slug(family)}",
    lambda given, family: _slug(given),
    lambda given, family: _slug(family),
)


def _brands_of(companies: Iterable[str]) -> Iterator[tuple[str, tuple[str, str, str]]]:
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
            shared = _shared([each.split(" ") for each in family])
            length = shared if len(family) > 1 else max(1, len(words) - 1)
            tail = "".join(f" {word}" for word in words[length:])
            yield company, ("", " ".join(words[:length]), tail)


def _person(index: int, seed: int) -> str:
    """Give the name of one person; no two are the same."""
    again, place = _scattered(index, len(_GIVEN) * len(_FAMILY), seed)
    family, given = divmod(place, len(_GIVEN))
    initials = "".join(f"{letter}. " for letter in _letters(again))
    return f"{_GIVEN[given]} {initials}{_FAMILY[family]}"


def _brand(index: int, seed: int) -> str:
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
_PLACES = _listed("""
Abbotsmere Aldermoor Ashbeck Balnamore Birkholm Brannock Bredevoort Calderwick Castelmare Dunmere Eastholt
Elmstead Fairhaven Feldheim Fernhurst Glenrothie Grasmoor Hallvik Harrowgate Hexmoor Ingleby Kesselbrook
Kirkdale Langford Lindach Lisvane Marlbeck Merefield Midholm Montclair Netherby Nordhaven Oakhampton
Oudewater Pennard Portmarin Quendale Ravensholm Rivabella Rosedene Sandwick Selbourne Silverdale Stanmere
Stenholt Sundvik Tarnbrook Thornbury Torrevale Ulmenau Valdemar Wendover Westmere Whitcombe Wolfsberg
Wrenfield Yarmoor Zuidhaven
""")
