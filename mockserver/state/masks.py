"""Secrets in what was recorded: found by names, by how they are written, by what signed in."""

import hashlib
import json
import re
from collections.abc import Callable, Container, Iterable, Mapping
from functools import cached_property, lru_cache
from typing import Any
from urllib.parse import quote, unquote, unquote_plus

from mockserver.contract.operation import Contract
from mockserver.contract.passwords import password_names
from mockserver.contract.resources.nouns import listed, plain
from mockserver.contract.violation import Violation
from mockserver.state.mask_texts import Mask, is_count, mask_text

Headers = Iterable[tuple[bytes, bytes]]

# What the names of secrets end with.
_SECRETS = tuple(
    listed(
        "password passwd passphrase passcode pwd secret secrets token tokens apikey apikeys accesskey "
        "secretkey privatekey clientkey signingkey encryptionkey credential credentials authorization "
        "cookie cookies bearer jwt otp totp cvv cvc sessionid"
    )
)
# How cookies are called that tell who somebody is.
_SESSION = re.compile("(?:session|sess|sid|auth)$", re.IGNORECASE)
# So many letters and digits are no word, but made.
_MADE = 16
# What leads from one page to the next is called a token too.
_PAGING = listed("page nextpage next prev previous pagination continuation cursor sync")
# What may be said of a secret behind its name: password_hash, webhook_secret_v2, private_key_pem.
_BEHIND = re.compile("hash|hashed|digest|pem|base64|value|raw|plain|encrypted|confirm|confirmation|v|[0-9]+")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")

# What many tokens begin with says of which kind they are, and schemas ask for it: sk_live, tok_, ghp_.
_KIND = re.compile(r"[A-Za-z]{1,8}[_-](?=.{6})")

# Of what no signed token, no password of an address and no query is made.
_IDS = re.compile(r"(?:(?!eyJ)[\w/-])*", re.ASCII)

_PARAMETER = re.compile(r"\{([^{}]*)\}")
# What stands before a token in a header says of which kind it is.
_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9_-]*\s+(?=\S)")

SHORTEST = 6
"""A credential with fewer letters might be part of any text."""


@lru_cache(maxsize=10_000)
def is_secret(name: str) -> bool:
    """Tell whether what is called so is to be kept from others."""
    words = _words(name)
    while len(words) > 1 and _BEHIND.fullmatch(words[-1]):
        words.pop()
    return "".join(words).endswith(_SECRETS) and not _leads_on(words)


def without(text: str, secrets: Iterable[str]) -> str:
    """Give a text without some secrets, where they stand as words in it."""
    for each in sorted(filter(None, secrets), key=len, reverse=True):
        if each in text:
            text = re.sub(rf"(?<!\w){re.escape(each)}(?!\w)", "masked", text)
    return text


def mask_plainly(name: str, value: Any) -> Any:
    """Give what stands in the place of a secret: a text that says its name, a number for a number."""
    return f"masked-{plain(name)}" if isinstance(value, str) else _alike(name, value)


def _leads_on(words: list[str]) -> bool:
    *before, last = words
    if not before and (found := re.fullmatch("(.+?)(tokens?)", last)):
        before, last = [found[1]], found[2]
    return last in ("token", "tokens") and bool(before) and before[-1] in _PAGING


def _words(name: str) -> list[str]:
    """Give the words of a name, plain; one that is written without borders is one word."""
    return [each.lower() for each in _WORD.findall(name)]


class Masks:
    """
    Takes the secrets out of values that came by one contract.

    A secret becomes ``masked-NAME``, after its field: it is the same in every run, and tells nothing of what
    it was. Where a schema does not take that, it becomes a text of the same shape: letters for letters,
    digits for digits.
    """

    def __init__(self, contract: Contract) -> None:
        schemes = list(contract.security_schemes.values())
        keys = [each for each in schemes if each.get("type") == "apiKey"]
        self._headers = {str(each.get("name")).lower() for each in keys if each.get("in") == "header"}
        self._headers |= {"authorization", "cookie", "proxy-authorization"}
        self._keys = {str(each.get("name")) for each in keys}
        self._data = contract.data
        self._known = lru_cache(maxsize=1000)(self._credentials_of)

    @cached_property
    def _names(self) -> set[str]:
        """What the contract declares to be secret, plain; looked for in all of it when it is first used."""
        return set(map(plain, self._keys | password_names(self._data)))

    def credentials(self, headers: Headers, target: str, path: str = "") -> frozenset[str]:
        """
        Give what a request signed in with: nobody is to find that in any text.

        What its target has at the secret parameters of ``path``, the operation's, is among that.
        """
        found: set[str] = set()
        for name, value in headers:
            found.update(self._known(name, value))
        found.update(value for _, value in self.secrets_of(target, path))
        return frozenset(each for each in found if len(each) >= SHORTEST)

    def _credentials_of(self, key: bytes, value: bytes) -> frozenset[str]:
        name, text = key.decode("latin-1").lower(), value.decode("latin-1")
        return frozenset(self.cookies_of(text) if name == "cookie" else self.credentials_of(name, text))

    def is_plain(self, target: str, path: str, headers: Headers, caller: str) -> bool:
        """Tell whether a target is names and ids alone, and neither it nor a caller's name has a secret."""
        if not _IDS.fullmatch(target) or any(map(self.is_secret, _PARAMETER.findall(path))):
            return False
        known = (each for name, value in headers for each in self._known(name, value))
        return not any(each in target or each == caller for each in known)

    def secrets_of(self, target: str, path: str = "") -> list[tuple[str, str]]:
        """Give the names and the values of the secret parameters of a target, however short they are."""
        asked, _, _ = target.partition("?")
        steps = [(name, unquote(asked[start:end])) for name, start, end in self._secret_steps(asked, path)]
        return steps + [
            (key, unquote_plus(value)) for key, value in _pairs(target) if self._is_secret_pair(key, value)
        ]

    def credentials_of(self, name: str, value: str) -> set[str]:
        """Give what of a header's value is a secret by itself: a token without its scheme, each cookie."""
        if not self.is_secret_header(name) or is_count(name, value):
            return set()
        parts = _SCHEME.sub("", value) if name.lower().endswith("authorization") else value
        found = {*re.split(r"[\s;,]+", parts), *(each.partition("=")[2] for each in parts.split(";"))}
        return {each for each in found if len(each) >= SHORTEST}

    def cookies_of(self, cookies: str) -> set[str]:
        """Give the values of cookies that are secrets by themselves: others are a language, or a region."""
        pairs = (each.partition("=") for each in cookies.split(";"))
        values = ((name.strip(), value.strip().strip('"')) for name, _, value in pairs)
        return {
            value
            for name, value in values
            if len(value) >= SHORTEST
            and (_is_made(value) or _SESSION.search(name) is not None or self.is_secret(name))
        }

    def is_secret_header(self, name: str) -> bool:
        return name.lower() in self._headers or self.is_secret(name)

    def target(
        self,
        target: str,
        path: str = "",
        credentials: frozenset[str] = frozenset(),
        mask: Mask = mask_plainly,
    ) -> str:
        """
        Give the target of a request with its secrets masked: by the names in its query, and as in any text.

        Those at the secret parameters of ``path``, the operation's, are masked too.
        """

        def shown(written: str, read: Callable[[str], str]) -> str:
            if written.isalnum() and not any(each in written for each in credentials):
                return written
            text = read(written)
            masked = self.walk(text, credentials, mask)
            return written if masked == text else quote(masked, safe="/:@?=,")

        asked, mark, query = target.partition("?")
        for name, start, end in reversed(self._secret_steps(asked, path)):
            asked = asked[:start] + mask_plainly(name, "") + asked[end:]
        asked = "/".join(shown(each, unquote) for each in self.walk(asked, credentials, mask).split("/"))
        if not mark:
            return asked
        parts = [each.partition("=") for each in query.split("&")]
        pairs = (
            f"{name}={quote(mask_plainly(unquote_plus(name), ''))}"
            if self._is_secret_pair(unquote_plus(name), value)
            else f"{shown(name, unquote_plus)}{sign}{shown(value, unquote_plus)}"
            for name, sign, value in parts
        )
        return f"{asked}?{'&'.join(pairs)}"

    def _secret_steps(self, asked: str, path: str) -> list[tuple[str, int, int]]:
        """Give the secret parameters of a path, and where their values stand in what was asked."""
        names = _PARAMETER.findall(path)
        if not any(map(self.is_secret, names)):
            return []
        literals = map(re.escape, _PARAMETER.split(path)[::2])
        found = re.search(f"{'([^/]+?)'.join(literals)}/?$", asked)
        if found is None:
            return []
        steps = ((name, *found.span(number)) for number, name in enumerate(names, start=1))
        return [each for each in steps if self.is_secret(each[0])]

    def mask(self, value: Any, credentials: frozenset[str], is_valid: Callable[[Any], bool]) -> Any:
        """Give a value with its secrets masked, and valid if it was and can be."""
        names: set[str] = set()

        def noted(name: str, each: Any) -> Any:
            names.add(name)
            return mask_plainly(name, each)

        masked = self._walk(value, credentials, noted, "")
        if masked == value or is_valid(masked) or not is_valid(value):
            return masked
        alike = set(names)
        for name in sorted(names):
            if is_valid(self._walk(value, credentials, _mixed(alike - {name}), "")):
                alike.remove(name)
        found = self._walk(value, credentials, _mixed(alike), "")
        return found if is_valid(found) else masked

    def message(self, violation: Violation, credentials: frozenset[str]) -> str:
        """Give what is said of a value that breaks the contract, without the secrets in it."""
        there = violation.value
        for step in reversed(violation.location[1:]):
            there = {str(step): there}
        secrets = set(credentials)

        def gather(_name: str, each: Any) -> Any:
            secrets.update((str(each), json.dumps(each, ensure_ascii=False).strip('"')))
            return each

        self._walk(there, frozenset(), gather, "")
        return without(violation.message, secrets)

    def walk(self, value: Any, credentials: frozenset[str], mask: Mask) -> Any:
        """Give a value with each of its secrets as ``mask`` gives it, whether that is valid or not."""
        return self._walk(value, credentials, mask, "")

    def _walk(self, value: Any, credentials: frozenset[str], mask: Mask, secret: str) -> Any:
        if isinstance(value, Mapping):
            return {
                name: self._walk(each, credentials, mask, secret or (name if self.is_secret(name) else ""))
                for name, each in value.items()
            }
        if isinstance(value, list):
            return [self._walk(each, credentials, mask, secret) for each in value]
        if value is None or isinstance(value, bool):
            return value
        if secret:
            return value if not isinstance(value, str) and is_count(secret, value) else mask(secret, value)
        if isinstance(value, str):
            for each in credentials:
                if each in value:
                    value = _replaced(value, each, mask("credential", each))
            value = mask_text(value, self.is_secret, mask)
        return value

    def is_secret(self, name: str) -> bool:
        """Tell whether what is called so is secret by this contract."""
        return plain(name) in self._names or is_secret(name)

    def _is_secret_pair(self, name: str, value: str) -> bool:
        return self.is_secret(name) and not is_count(name, value)


def _is_made(value: str) -> bool:
    """Tell whether no word is written so: a long one, with letters and digits."""
    return (
        len(value) >= _MADE
        and re.search("[A-Za-z]", value) is not None
        and re.search("[0-9]", value) is not None
    )


def _replaced(text: str, secret: str, shown: str) -> str:
    """Put something in the place of a secret; one that might be a word only where it stands as a word."""
    if _is_made(secret):
        return text.replace(secret, shown)
    return re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", lambda _: shown, text)


def _mixed(alike: Container[str]) -> Mask:
    """Mask those of some names by values that look alike, and the others plainly."""
    return lambda name, value: (_alike if name in alike else mask_plainly)(name, value)


def _alike(name: str, value: Any) -> Any:
    """Give a value that looks like another and is made of its field's name alone."""
    text = value if isinstance(value, str) else str(value)
    digest = b""
    while len(digest) < len(text):
        digest += hashlib.blake2b(b"%s|%d" % (name.encode(), len(digest))).digest()
    kept = _KIND.match(text)
    start = kept[0] if kept is not None else ""
    shaped = start + "".join(
        _shaped(sign, byte) for sign, byte in zip(text[len(start) :], digest, strict=False)
    )
    if isinstance(value, str):
        return shaped
    try:
        return type(value)(shaped)
    except ValueError:
        return type(value)(0)


def _shaped(sign: str, byte: int) -> str:
    for signs in ("0123456789", "abcdef", "ghijklmnopqrstuvwxyz", "ABCDEF", "GHIJKLMNOPQRSTUVWXYZ"):
        if sign in signs:
            return signs[byte % len(signs)]
    return sign


def _pairs(target: str) -> list[tuple[str, str]]:
    parts = (each.partition("=") for each in target.partition("?")[2].split("&"))
    return [(unquote_plus(name), value) for name, _, value in parts]
