"""Coverage as a badge, flat as those of shields.io."""

from html import escape

_LABEL = "API coverage"
_COLOURS = ((95.0, "#4c1"), (80.0, "#97ca00"), (60.0, "#dfb317"), (40.0, "#fe7d37"), (0.0, "#e05d44"))
# How wide a letter of the font is on average, and the space beside a text, in pixels.
_LETTER = 6.6
_SPACE = 10


def colour_of(percent: float) -> str:
    return next(colour for least, colour in _COLOURS if percent >= least)


def as_badge(percent: float, label: str = _LABEL) -> str:
    """Give the text of an SVG file that says how much is covered."""
    value = f"{percent:g}%"
    left, right = _width(label), _width(value)
    title = escape(f"{label}: {value}")
    both = left + right
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{both}" height="20" role="img"',
        f' aria-label="{title}"><title>{title}</title>',
        '<linearGradient id="s" x2="0" y2="100%"><stop offset="0" stop-color="#bbb" stop-opacity=".1"/>',
        '<stop offset="1" stop-opacity=".1"/></linearGradient>',
        f'<clipPath id="r"><rect width="{both}" height="20" rx="3" fill="#fff"/></clipPath>',
        f'<g clip-path="url(#r)"><rect width="{left}" height="20" fill="#555"/>',
        f'<rect x="{left}" width="{right}" height="20" fill="{colour_of(percent)}"/>',
        f'<rect width="{both}" height="20" fill="url(#s)"/></g>',
        '<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">',
        *_text(left / 2, left, label),
        *_text(left + right / 2, right, value),
        "</g></svg>\n",
    ]
    return "\n".join(lines)


def _width(text: str) -> int:
    return round(len(text) * _LETTER) + _SPACE


def _text(middle: float, width: int, text: str) -> tuple[str, str]:
    """Write a text with its shadow."""
    length, shown = f'textLength="{width - _SPACE}"', escape(text)
    return (
        f'<text x="{middle:g}" y="15" fill="#000" opacity=".3" aria-hidden="true" {length}>{shown}</text>',
        f'<text x="{middle:g}" y="14" {length}>{shown}</text>',
    )
