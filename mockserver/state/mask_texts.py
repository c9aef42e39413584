"""Secrets inside texts: in addresses, in what is written like a query, and signed tokens."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_plus

IsSecret = Callable[[str], bool]
Mask = Callable[[str, Any], Any]
"""Gets a name and a secret, and gives what stands in its place."""

# Who asks, before the host of an address: somebody, and a password.
_WHO = re.compile(r"""(?<=://)([^\s/?#@:"'<>]*)(?::([^\s/?#"'<>]*))?@""")
# One name in a query or in a form, from where it may begin: no text is looked through twice.
_QUERY = re.compile(r"(?<![^?&#;,\s])([\w.\-\[\]%+]+)=", re.ASCII)
_QUERY_VALUE = re.compile(r"""[^&#\s"'<>]*""")
_SIGNED = re.compile(r"(?<![\w-])eyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*", re.ASCII)

# How names stand before values in JSON, XML (elements and attributes) and the parts of a form.
_MEMBER = re.compile(r'"([^"\\\r\n]{1,100})"\s*:\s*(?=[^\s,}\]])')
_MEMBER_VALUE = re.compile(r'"((?:[^"\\]|\\.)*)|[^\s,}\]"]+', re.DOTALL)
_ELEMENT = re.compile(r"<(?:[\w.-]{1,100}:)?([\w.-]{1,100})(?:\s[^<>]*)?>(?!\s*<[^!])")
_ELEMENT_VALUE = re.compile(r"\s*<!\[CDATA\[.*?(?:\]\]>|$)|[^<]*", re.DOTALL)
_ATTRIBUTE = re.compile(r"\s(?:[\w.-]{1,100}:)?([\w.-]{1,100})=(?=[\"'])")
_ATTRIBUTE_VALUE = re.compile(r"\"[^\"<]*|'[^'<]*")
_SCALARS = ((_ELEMENT, _ELEMENT_VALUE, ""), (_ATTRIBUTE, _ATTRIBUTE_VALUE, "\"'"))
_PART_NAME = re.compile(r"""[;\s]name\s{0,9}=\s{0,9}(?:"([^"\r\n]*)|([^\s";]+))""", re.IGNORECASE)
_PART_START = re.compile(r"\r?\n\r?\n")
_PART_END = re.compile(r"\r?\n--|\Z")


def is_count(name: str, value: Any) -> bool:
    """Tell whether a value is a number that counts secrets, and none itself: ``max_tokens``."""
    is_number = value.isdecimal() if isinstance(value, str) else isinstance(value, int | float)
    return is_number and name.lower().endswith("tokens")


def mask_text(text: str, is_secret: IsSecret, mask: Mask) -> str:
    """Give a text with the secrets masked that can be told by how addresses and tokens are written."""

    def of_whom(found: re.Match[str]) -> str:
        who, password = found[1], found[2]
        if password:
            return f"{who}:{mask('password', password)}@"
        # Some tokens are sent as the name of a user; elsewhere it is one, as in ssh://git@host.
        is_token = who and re.search("https?://$", text[max(0, found.start() - 8) : found.start()])
        return f"{mask('user', who)}@" if is_token else found[0]

    if "://" in text and "@" in text:
        text = _WHO.sub(of_whom, text)
    if "=" in text:
        text = _masked(text, _QUERY, _QUERY_VALUE, is_secret, mask)
    return _SIGNED.sub(lambda found: str(mask("token", found[0])), text) if "eyJ" in text else text


def mask_written(
    text: str, is_secret: IsSecret, mask: Mask, *, is_value: bool, is_multipart: bool = False
) -> str:
    """
    Give a text in which names stand before values, as in JSON, XML or a form, with the secrets masked.

    It need not be whole. What ``is_value``, JSON, was masked as such, and only what reading it lost is left;
    in other texts all is cut off that begins as a secret which is a list or an object. YAML is
    not looked into. The time that it takes grows with the text, and not faster: others wait for it.
    """
    text = _masked(text, _MEMBER, _MEMBER_VALUE, is_secret, mask, '"', is_cut=not is_value)
    if not is_value:
        for names, values, quotes in _SCALARS:
            text = _masked(text, names, values, is_secret, mask, quotes)
        if is_multipart:
            text = _masked_parts(text, is_secret, mask)
    return text


def _masked_parts(text: str, is_secret: IsSecret, mask: Mask) -> str:
    """Mask the parts of a form; each step begins where the one before it ended."""
    kept: list[str] = []
    at = 0
    while (start := _PART_START.search(text, at)) is not None:
        end = _PART_END.search(text, start.end())
        stop = end.start() if end is not None else len(text)
        value = text[start.end() : stop]
        names = (found[1] or found[2] or "" for found in _PART_NAME.finditer(text, at, start.start()))
        secret = next((each for each in names if is_secret(each) and not is_count(each, value)), None)
        kept += [text[at : start.end()], str(mask(secret, value)) if secret and value else value]
        at = stop
    return "".join([*kept, text[at:]])


def _masked(
    text: str,
    names: re.Pattern[str],
    values: re.Pattern[str],
    is_secret: IsSecret,
    mask: Mask,
    quotes: str = "",
    *,
    is_cut: bool = False,
) -> str:
    kept: list[str] = []
    at = 0
    for found in names.finditer(text):
        if found.start() < at or not is_secret(unquote_plus(found[1])):
            continue
        start = found.end()
        if text.startswith(("[", "{"), start):
            if is_cut:
                return "".join([*kept, text[at:start], "masked"])
            continue
        value = values.match(text, start)
        if value is None or value[0] in ("", "null", "true", "false"):
            continue
        if is_count(unquote_plus(found[1]), value[0]):
            continue
        quote = value[0][0] if value[0][0] in quotes else ""
        kept += [text[at:start], quote, str(mask(unquote_plus(found[1]), value[0].removeprefix(quote)))]
        at = value.end()
    return "".join([*kept, text[at:]])
