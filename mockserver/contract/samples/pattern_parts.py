"""Read ECMAScript patterns into parts that texts can be made of. Source: ECMA-262, "Patterns"."""

from dataclasses import dataclass

_MOST = 2000
PRINTABLE = "".join(map(chr, range(32, 127)))
_DIGITS = "0123456789"
_LOWER = "abcdefghijklmnopqrstuvwxyz"
_UPPER = _LOWER.upper()
_SHORTHANDS = {"d": _DIGITS, "w": f"{_LOWER}{_UPPER}{_DIGITS}_", "s": " \t\n"}
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "v": "\v", "0": "\0"}
_CATEGORIES = {
    **dict.fromkeys(("L", "Letter", "Alphabetic", "Alpha", "Latin"), _LOWER + _UPPER),
    **dict.fromkeys(("Lu", "Uppercase_Letter", "Uppercase"), _UPPER),
    **dict.fromkeys(("Ll", "Lowercase_Letter", "Lowercase"), _LOWER),
    **dict.fromkeys(("N", "Number", "Nd", "Decimal_Number"), _DIGITS),
    **dict.fromkeys(("P", "Punctuation", "Po"), "!,.:;?"),
    **dict.fromkeys(("S", "Symbol", "Sm"), "+<=>"),
    **dict.fromkeys(("Z", "Separator", "Zs", "Space_Separator"), " "),
    **dict.fromkeys(("M", "Mark", "Mn"), "\u0301"),
    **dict.fromkeys(("Sc", "Currency_Symbol"), "$"),
}


class Unreadable(ValueError):
    """The pattern has something that no text is made of here."""


@dataclass(frozen=True)
class Part:
    """A part of a pattern, with the lengths of what it matches; ``most`` is huge where there is no limit."""

    least: int
    most: int


@dataclass(frozen=True)
class Letters(Part):
    """One character of some."""

    letters: str


@dataclass(frozen=True)
class Row(Part):
    """Parts one after another."""

    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Either(Part):
    """One of some parts."""

    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Repeat(Part):
    """A part again and again."""

    part: Part
    low: int
    high: int


@dataclass(frozen=True)
class Ahead(Part):
    """What has to be, or may not be, at a place; of no length itself."""

    part: Part
    wanted: bool


@dataclass(frozen=True)
class Anchor(Part):
    """The start or the end of the text, or of a word."""

    sign: str


def row(parts: list[Part]) -> Part:
    if len(parts) == 1:
        return parts[0]
    return Row(sum(p.least for p in parts), min(_MOST, sum(p.most for p in parts)), tuple(parts))


def read(pattern: str) -> Part:
    """Read a pattern. Raises Unreadable."""
    reader = _Reader(pattern)
    part = reader.either()
    if reader.rest():
        raise Unreadable(f"{pattern}: there is a parenthesis too many")
    return part


class _Reader:
    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0

    def rest(self) -> str:
        return self._pattern[self._at :]

    def _take(self) -> str:
        if self._at >= len(self._pattern):
            raise Unreadable(f"{self._pattern}: it ends too early")
        self._at += 1
        return self._pattern[self._at - 1]

    def _skip(self, text: str) -> bool:
        if self._pattern.startswith(text, self._at):
            self._at += len(text)
            return True
        return False

    def either(self) -> Part:
        branches = [self._row()]
        while self._skip("|"):
            branches.append(self._row())
        if len(branches) == 1:
            return branches[0]
        return Either(min(b.least for b in branches), max(b.most for b in branches), tuple(branches))

    def _row(self) -> Part:
        parts: list[Part] = []
        while self.rest() and self.rest()[0] not in "|)":
            parts.append(self._quantified(self._atom()))
        return row(parts)

    def _atom(self) -> Part:
        sign = self._take()
        if sign == "(":
            return self._group()
        if sign == "[":
            return _letters(self._class())
        if sign in "^$":
            return Anchor(0, 0, sign)
        if sign == ".":
            return _letters(PRINTABLE)
        if sign == "\\":
            if self._skip("b") or self._skip("B"):
                return Anchor(0, 0, "b")
            if self.rest()[:1] in "123456789k" and self.rest():
                raise Unreadable(f"{self._pattern}: it refers back to a group")
            return _letters(self._escaped())
        return _letters(sign)

    def _group(self) -> Part:
        ahead = next((sign for sign in ("?=", "?!", "?<=", "?<!") if self._skip(sign)), None)
        if ahead is None and not self._skip("?:") and self._skip("?"):
            while self._take() not in ">:":  # a name, or flags
                pass
        part = self.either()
        if not self._skip(")"):
            raise Unreadable(f"{self._pattern}: a parenthesis is not closed")
        return part if ahead is None else Ahead(0, 0, part, ahead == "?=")

    def _quantified(self, part: Part) -> Part:
        low, high = 1, 1
        if self._skip("*"):
            low, high = 0, _MOST
        elif self._skip("+"):
            low, high = 1, _MOST
        elif self._skip("?"):
            low, high = 0, 1
        elif (bounds := self._bounds()) is not None:
            low, high = bounds
        else:
            return part
        self._skip("?")
        repeated = Repeat(min(_MOST, low * part.least), min(_MOST, high * part.most), part, low, high)
        return self._quantified(repeated) if self.rest()[:1] == "{" and self._peek_bounds() else repeated

    def _peek_bounds(self) -> bool:
        at = self._at
        found = self._bounds() is not None
        self._at = at
        return found

    def _bounds(self) -> tuple[int, int] | None:
        at = self._at
        if self._skip("{"):
            inner, closed, _ = self.rest().partition("}")
            low, comma, high = inner.partition(",")
            if closed and low.isdigit() and (high.isdigit() or not high):
                self._at += len(inner) + 1
                if int(low) > _MOST:
                    raise Unreadable(f"{self._pattern}: it repeats too often")
                return int(low), (min(int(high), _MOST) if high else _MOST) if comma else int(low)
        self._at = at
        return None

    def _class(self) -> str:
        negated = self._skip("^")
        members: list[str] = []
        while not self._skip("]"):
            first = self._member()
            if len(first) == 1 and self.rest()[:1] == "-" and self.rest()[1:2] not in ("]", ""):
                self._take()
                last = self._member()
                if len(last) == 1:
                    members.append(_between(first, last))
                    continue
                members.append("-" + last)
            members.append(first)
        found = set("".join(members))
        if negated:
            return "".join(each for each in PRINTABLE if each not in found)
        return "".join(sorted(found))

    def _member(self) -> str:
        sign = self._take()
        if sign != "\\":
            return sign
        return "\b" if self._skip("b") else self._escaped()

    def _escaped(self) -> str:
        """Read what follows a backslash; gives all characters that it may stand for."""
        sign = self._take()
        if sign in "pP" and self._skip("{"):
            return self._category(negated=sign == "P")
        if sign.lower() in _SHORTHANDS:
            letters = _SHORTHANDS[sign.lower()]
            return letters if sign.islower() else "".join(each for each in PRINTABLE if each not in letters)
        if sign == "u" and self._skip("{"):
            code = self._until("}")
        elif sign in "xu":
            length = 2 if sign == "x" else 4
            code, self._at = self.rest()[:length], self._at + length
        elif sign == "c":
            return chr(ord(self._take()) % 32)
        else:
            return _CONTROLS.get(sign, sign)
        try:
            return chr(int(code, 16))
        except (ValueError, OverflowError):
            raise Unreadable(f"{self._pattern}: {code} is no number of a character") from None

    def _category(self, negated: bool) -> str:
        name = self._until("}").rpartition("=")[2]
        letters = _CATEGORIES.get(name)
        if letters is None:
            raise Unreadable(f"{self._pattern}: characters of the kind {name} are not known here")
        return "".join(each for each in PRINTABLE if each not in letters) if negated else letters

    def _until(self, end: str) -> str:
        found, closed, _ = self.rest().partition(end)
        if not closed:
            raise Unreadable(f"{self._pattern}: {end} is missing")
        self._at += len(found) + 1
        return found


def _between(first: str, last: str) -> str:
    codes = range(ord(first), min(ord(last), ord(first) + 300) + 1)
    return "".join(chr(code) for code in codes if not 0xD800 <= code <= 0xDFFF)


def _letters(letters: str) -> Part:
    return Letters(1, 1, "".join(each for each in letters if not "\ud800" <= each <= "\udfff"))
