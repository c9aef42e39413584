"""What a text is likely to say, from the name of the property that holds it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from mockserver.contract.samples import words as w
from mockserver.contract.samples.chance import Chance
from mockserver.contract.samples.scene import Scene, slug
from mockserver.contract.samples.words import listed

Texts = Sequence[str]
_HEX = "0123456789abcdef"
_ALNUM = "abcdefghijkmnpqrstuvwxyz23456789"


@dataclass(frozen=True, slots=True)
class Asked:
    """A text that is asked for: the words of its property and of the thing that has it, and the setting."""

    words: tuple[str, ...]
    noun: tuple[str, ...]
    scene: Scene
    chance: Chance
    description: str = ""

    @property
    def about(self) -> str:
        """What the property speaks of: the word before its last, or else what has it."""
        rest = self.words[:-1] or self.noun
        return rest[-1] if rest else ""


def texts(asked: Asked) -> Texts:
    """Give texts that a property may hold, the likeliest first: one may be too long. None if unknown."""
    words = asked.words
    for length in (3, 2, 1):
        if len(words) >= length:
            maker = _MAKERS.get("_".join(words[-length:])) or _MAKERS.get(
                "_".join([*words[-length:-1], singular(words[-1])])
            )
            if maker is not None:
                return maker(asked)
    if asked.noun and singular(asked.noun[-1]) in ("url", "uri", "link", "href"):
        return url(asked)
    return ()


def plain(asked: Asked) -> Iterator[str]:
    """Give texts for a property that nobody knows."""
    term, chance = asked.chance.pick(w.TERMS), asked.chance
    other = chance.pick(w.TERMS)
    yield term
    yield term.capitalize()
    yield term.upper()
    yield f"{term} {other}"
    yield f"{term}-{other}"
    yield f"{term.capitalize()} {other} {chance.pick(w.TERMS)}"


def singular(word: str) -> str:
    if word == "people":
        return "person"
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    if word.endswith(("ss", "us", "is")):
        return word
    return word[:-2] if word.endswith(("sses", "xes", "ches")) else word.removesuffix("s")


def plural(word: str) -> str:
    if word.endswith("y") and word[-2:-1] not in "aeiou":
        return f"{word[:-1]}ies"
    return f"{word}es" if word.endswith(("s", "x", "ch", "sh")) else f"{word}s"


def title(asked: Asked) -> str:
    return f"{asked.chance.pick(w.ADJECTIVES)} {asked.chance.pick(w.NOUNS)}"


_PEOPLE = frozenset(
    listed("""
user person people member contact author owner customer employee assignee driver passenger patient
student teacher guest visitor traveler traveller account profile creator reviewer holder manager
sender recipient cardholder artist writer actor buyer seller client applicant candidate admin
administrator agent
""")
)
_COMPANIES = frozenset(
    listed("""
tenant partner company organisation organization vendor supplier business operator employer
merchant brand manufacturer publisher enterprise carrier
""")
)
_GROUPS = _COMPANIES | frozenset(listed("group team squad crew list channel room calendar project"))
_ANIMALS = frozenset(listed("pet dog cat animal horse puppy kitten"))
_TAGS = frozenset(listed("tag label keyword topic theme category genre"))
_PLACES = frozenset(listed("station city location place stop airport venue destination origin"))


def _name(asked: Asked) -> Texts:
    about = singular(asked.about)
    if about in ("display", "friendly", "public") and asked.noun:
        about = singular(asked.noun[-1])
    if about in _PEOPLE or _is_of_a_person(asked, about):
        return _full_name(asked)
    if about in _COMPANIES:
        return (asked.scene.company, asked.scene.company.split()[0])
    if about in _PLACES:
        return (asked.scene.place[0],)
    if about == "file":
        return _file_name(asked)
    if about in _ANIMALS:
        return (asked.chance.pick(w.PETS),)
    if about in _TAGS:
        return (asked.chance.pick(w.TERMS),)
    if about in _NAMED and (maker := _MAKERS.get(about)):
        return maker(asked)
    if about in ("host", "domain"):
        return _host(asked)
    name = title(asked)
    return (name, name.split()[1], slug(name), slug(name).replace("-", "_"))


_NAMED = frozenset(
    listed("""
city country state region street currency language department colour color user
""")
)


def _is_of_a_person(asked: Asked, about: str) -> bool:
    if any(
        each in asked.description
        for each in ("full name", "cardholder", "name of the person", "person's name")
    ):
        return True
    return asked.scene.is_of_a_person and about in asked.noun and about not in _GROUPS


def _full_name(asked: Asked) -> Texts:
    given, family = asked.scene.person
    return f"{given} {family}", family, given


def _login(asked: Asked) -> Texts:
    given, family = map(slug, asked.scene.person)
    number = str(asked.chance.between(10, 99))
    return f"{given}.{family}", f"{given}{family}", f"{given}{number}", f"{given}_{family}", given


def email(asked: Asked) -> Texts:
    given, family = map(slug, asked.scene.person)
    return f"{given}.{family}@example.com", f"{given}@example.com", "a@b.example"


def _phone(asked: Asked) -> Texts:
    chance, code = asked.chance, asked.scene.place[12]
    number = chance.text("0123456789", 4)
    return f"{code} 555 010 {number}", f"{code}555010{number}", f"555-010-{number}", f"555010{number}"


def _street(asked: Asked) -> Texts:
    street = f"{asked.chance.pick(w.STREETS)} Street"
    return f"{asked.chance.between(1, 120)} {street}", street


def _address(asked: Asked) -> Texts:
    if asked.about in ("email", "mail"):
        return email(asked)
    if asked.about == "ip":
        return _ip(asked)
    street, place = _street(asked)[0], asked.scene.place
    return f"{street}, {place[3]} {place[0]}", street


def _of_place(*fields: int) -> Callable[[Asked], Texts]:
    return lambda asked: tuple(asked.scene.place[each] for each in fields)


def _country(asked: Asked) -> Texts:
    is_code = any(each in asked.description for each in ("3166", "alpha-2", "country code", "two-letter"))
    return _of_place(*((5, 6) if is_code else (4, 5, 6)))(asked)


def _one_of(options: Sequence[str]) -> Callable[[Asked], Texts]:
    return lambda asked: (asked.chance.pick(options), *options)


def _title(asked: Asked) -> Texts:
    if asked.about in ("job", "work", "employee"):
        return _one_of(w.JOBS)(asked)
    return asked.chance.pick(w.TITLES), title(asked), title(asked).split()[1]


def _sentence(asked: Asked) -> Texts:
    return asked.chance.pick(w.SENTENCES), asked.chance.pick(w.TITLES), title(asked)


def _message(asked: Asked) -> Texts:
    return asked.chance.pick(w.MESSAGES), *_sentence(asked)


def _slug(asked: Asked) -> Texts:
    name = slug(title(asked))
    return name, name.replace("-", "_"), name.replace("-", "")


def _term(asked: Asked) -> Texts:
    return (asked.chance.pick(w.TERMS),)


def url(asked: Asked) -> Texts:
    words, chance = {*asked.words}, asked.chance
    things = "".join(f"/{plural(each)}" for each in asked.noun[-1:])
    one = chance.text("123456789", 5)
    if words & {"avatar", "image", "photo", "picture", "icon", "logo", "thumbnail", "cover", "preview"}:
        return (f"https://example.com/images/{_slug(asked)[0]}.png",)
    if words & {"callback", "webhook", "hook", "redirect"}:
        return (f"https://example.com/{sorted(words & {'callback', 'webhook', 'hook', 'redirect'})[0]}",)
    if words & {"website", "site", "homepage", "home", "blog", "web"}:
        return (f"https://{slug(asked.scene.company.split()[0])}.example.com",)
    if words & {"next", "prev", "previous", "first", "last"}:
        return (f"https://example.com{things or '/items'}?page={chance.between(1, 9)}",)
    return f"https://example.com{things or '/items'}/{one}", "https://example.com", "a:b"


def _host(asked: Asked) -> Texts:
    return f"{asked.chance.pick(w.TERMS)}.example.com", "example.com"


def uuid(asked: Asked) -> Texts:
    return (uuid_of(asked.chance),)


def uuid_of(chance: Chance) -> str:
    one, two, three, four, five = (chance.text(_HEX, length) for length in (8, 4, 3, 3, 12))
    return f"{one}-{two}-4{three}-{chance.pick('89ab')}{four}-{five}"


def identifier(asked: Asked) -> Texts:
    """Give an opaque id that begins with what it is the id of, such as ``ord_8f3kq2x7``."""
    about = singular(asked.about) if asked.about not in ("", "id", "external") else "id"
    prefix = about[:1] + "".join(each for each in about[1:] if each not in "aeiouy")
    token = asked.chance.text(_ALNUM, 10)
    return f"{prefix[:3] if prefix else 'id'}_{token}", token, asked.chance.text("123456789", 6)


def _digits(length: int) -> Callable[[Asked], Texts]:
    return lambda asked: (asked.chance.pick("123456789") + asked.chance.text("0123456789", length - 1),)


def _token(asked: Asked) -> Texts:
    return (asked.chance.text(f"{_ALNUM}{_ALNUM.upper()}", 32), asked.chance.text(_ALNUM, 12))


def _hash(asked: Asked) -> Texts:
    token = asked.chance.text(_HEX, 64)
    return token[:40], token, token[:32], token[:12]


def _ip(asked: Asked) -> Texts:
    return (f"192.0.2.{asked.chance.between(1, 254)}",)


def _ipv6(asked: Asked) -> Texts:
    return (f"2001:db8::{asked.chance.text(_HEX[1:], 4)}",)


def _mac(asked: Asked) -> Texts:
    return ("02:" + ":".join(asked.chance.text(_HEX, 2) for _ in range(5)),)


def _version(asked: Asked) -> Texts:
    chance = asked.chance
    return f"{chance.between(1, 4)}.{chance.below(10)}.{chance.below(10)}", "1.0", "1"


def _file_name(asked: Asked) -> Texts:
    name = f"{slug(asked.chance.pick(w.TITLES))}.{asked.chance.pick(w.EXTENSIONS)}"
    return name, "report.pdf"


def _path(asked: Asked) -> Texts:
    return f"/{asked.chance.pick(w.TERMS)}/{_file_name(asked)[0]}", f"/{asked.chance.pick(w.TERMS)}"


def _colour(asked: Asked) -> Texts:
    name = asked.chance.pick(w.COLOURS)
    code = asked.chance.text(_HEX, 6)
    return (name, f"#{code}", code) if "hex" not in asked.words else (f"#{code}", code)


def _language(asked: Asked) -> Texts:
    two, three, name = asked.chance.pick(w.LANGUAGES)
    return two, three, name


def _code(asked: Asked) -> Texts:
    """Give the code of what is spoken of: of a country, a currency, a language; else a short one."""
    about = {"country": (5, 6), "currency": (11,), "state": (2,), "region": (2,), "province": (2,)}
    about |= {"postal": (3,), "zip": (3,), "post": (3,)}
    if fields := about.get(asked.about):
        return _of_place(*fields)(asked)
    if asked.about == "language":
        return _language(asked)
    term = asked.chance.pick(w.TERMS)
    return (
        f"{term[:3].upper()}-{asked.chance.between(100, 999)}",
        term.upper(),
        term[:3].upper(),
        term[:2].upper(),
    )


def _key(asked: Asked) -> Texts:
    return _token(asked) if asked.about in ("api", "secret", "access", "public", "private") else _slug(asked)


def _amount(asked: Asked) -> Texts:
    chance = asked.chance
    return f"{chance.between(3, 240)}.{chance.below(10)}0", str(chance.between(3, 240)), "1"


def _listed(names: str, maker: Callable[[Asked], Texts]) -> Mapping[str, Callable[[Asked], Texts]]:
    return dict.fromkeys(names.split(), maker)


_MAKERS: Mapping[str, Callable[[Asked], Texts]] = {
    **_listed("first_name given_name forename fname", lambda a: (a.scene.person[0],)),
    **_listed("last_name family_name surname lname", lambda a: (a.scene.person[1],)),
    **_listed("full_name real_name author owner assignee contact customer reviewer", _full_name),
    **_listed("middle_name", lambda a: (a.chance.pick(w.GIVEN),)),
    **_listed("passenger_name customer_name holder_name cardholder_name attn_name friendly_name", _name),
    **_listed("username user_name login nickname nick handle screen_name display_login", _login),
    **_listed("display_name name label company_name", _name),
    **_listed("email mail email_address e_mail", email),
    **_listed("phone phone_number mobile telephone tel fax msisdn cell", _phone),
    **_listed("street street_address address_line line1 address1 street_name street1", _street),
    **_listed("line2 address2 street2 address_line2", lambda a: (f"Floor {a.chance.between(1, 9)}",)),
    **_listed("address location", _address),
    **_listed("city town locality municipality", _of_place(0)),
    **_listed("state region province county", _of_place(1, 2)),
    **_listed("zip postcode postal_code zip_code post_code plz", _of_place(3)),
    **_listed("country nation market", _country),
    **_listed("country_code iso_country market_code available_market", _of_place(5, 6)),
    **_listed("timezone time_zone tz", _of_place(9)),
    **_listed("locale culture", _of_place(10)),
    **_listed("currency currency_code price_unit", _of_place(11)),
    **_listed("latitude lat", _of_place(7)),
    **_listed("longitude lng lon long", _of_place(8)),
    **_listed("company organisation organization employer vendor supplier publisher operator partner tenant",
              lambda a: (a.scene.company, a.scene.company.split()[0])),
    **_listed("job_title job occupation position profession", _one_of(w.JOBS)),
    **_listed("department division", _one_of(w.DEPARTMENTS)),
    **_listed("title subject headline heading topic summary caption", _title),
    **_listed("description desc note notes comment comments body text content bio about details "
              "detail remark remarks explanation instructions hint feedback review "
              "terms abstract biography", _sentence),
    **_listed("message reason explanation hint msg error_message", _message),
    **_listed("url uri href link website homepage site image avatar photo picture icon logo thumbnail "
              "callback webhook endpoint permalink", url),
    **_listed("host hostname domain domain_name server fqdn", _host),
    **_listed("uuid guid", uuid),
    **_listed("id identifier ids ref reference external_ref", identifier),
    **_listed("sid", lambda a: (a.chance.text(_HEX, 34), a.chance.text(_HEX, 32), *identifier(a))),
    **_listed("isbn ean gtin barcode upc", _digits(13)),
    **_listed("iban", lambda a: (f"DE{a.chance.text('0123456789', 20)}",)),
    **_listed("vin", lambda a: (a.chance.text("ABCDEFGHJKLMNPRSTUVWXYZ0123456789", 17),)),
    **_listed("sku", lambda a: (f"{a.chance.pick(w.TERMS)[:3].upper()}-{a.chance.between(1000, 9999)}",)),
    **_listed("card_number", lambda a: ("4" + a.chance.text("0123456789", 15),)),
    **_listed("cvc cvv", _digits(3)),
    **_listed("last4", _digits(4)),
    **_listed("number account_number order_number invoice_number routing_number", _digits(8)),
    **_listed("token access_token refresh_token secret password api_key cursor signature nonce credential "
              "session jwt client_secret auth_token", _token),
    **_listed("hash checksum digest sha sha1 sha256 md5 etag commit fingerprint revision", _hash),
    **_listed("ip ip_address ipv4 remote_addr", _ip),
    **_listed("ipv6", _ipv6),
    **_listed("mac mac_address", _mac),
    **_listed("version release", _version),
    **_listed("slug permalink_slug", _slug),
    **_listed("key", _key),
    **_listed("color colour", _colour),
    **_listed("language lang language_code", _language),
    **_listed("code", _code),
    **_listed("tag keyword category genre label topic group theme", _term),
    **_listed("mime mime_type content_type media_type", _one_of(w.MIME_TYPES)),
    **_listed("extension file_extension", _one_of(w.EXTENSIONS)),
    **_listed("filename file_name file original_name", _file_name),
    **_listed("path file_path directory folder", _path),
    **_listed("status state_name stage phase", _one_of(w.STATUSES)),
    **_listed("user_agent", _one_of(w.AGENTS)),
    **_listed("type kind", _one_of(("standard", "basic", "custom"))),
    **_listed("gender sex", _one_of(("female", "male"))),
    **_listed("plan tier", _one_of(("basic", "standard", "premium"))),
    **_listed("priority severity", _one_of(("low", "medium", "high"))),
    **_listed("role", _one_of(("member", "editor", "admin"))),
    **_listed("price amount cost fee subtotal tax balance", _amount),
    **_listed("isrc", lambda a: (f"DEA0{a.chance.text('0123456789', 8)}",)),
}  # fmt: skip
