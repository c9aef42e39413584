"""Every kind of change, by a name that stays: how bad it is, and for whom."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

Severity = Literal["breaking", "may-break", "compatible", "wording"]
Audience = Literal["readers", "writers", "everybody"]
Side = Literal["request", "response", "parameter"]

SEVERITIES: tuple[Severity, ...] = ("breaking", "may-break", "compatible", "wording")
"""The worst first. ``wording`` changes nothing of what is sent."""


@dataclass(frozen=True, slots=True)
class Kind:
    """How bad a change is, and whether it concerns who reads answers or who sends requests."""

    severity: Severity
    audience: Audience


_SHORT: Mapping[str, Severity] = {
    "B": "breaking",
    "M": "may-break",
    "C": "compatible",
    "W": "wording",
}

_EVERYBODY = {
    "B": "operation-removed operation-moved base-path-changed",
    "M": "deprecated-operation-removed server-removed",
    "C": "operation-added operation-id-changed operation-deprecated operation-no-longer-deprecated "
    "server-added",
    "W": "operation-wording-changed",
}
_WRITERS = {
    "B": "required-parameter-added parameter-became-required parameter-style-changed "
    "parameter-empty-value-refused required-request-body-added request-body-became-required "
    "request-media-type-removed security-added security-scope-added security-alternative-removed "
    "security-scheme-changed request-property-refused request-required-property-added "
    "request-property-became-required",
    "M": "parameter-removed request-body-removed request-encoding-changed security-scheme-address-changed "
    "request-property-removed request-property-became-read-only",
    "C": "optional-parameter-added parameter-became-optional parameter-renamed parameter-deprecated "
    "parameter-no-longer-deprecated parameter-empty-value-allowed optional-request-body-added "
    "request-body-became-optional request-media-type-added security-removed security-scope-removed "
    "security-alternative-added request-property-added request-property-became-optional "
    "request-property-became-writable",
    "W": "parameter-wording-changed request-body-wording-changed",
}
_READERS = {
    "B": "response-success-status-removed response-media-type-removed response-body-removed "
    "response-header-removed response-header-became-optional response-property-removed "
    "response-property-became-optional response-property-became-write-only",
    "M": "response-success-status-added response-success-status-widened response-optional-header-removed "
    "response-optional-property-removed response-property-added-to-closed-object",
    "C": "response-success-status-narrowed response-error-status-removed response-error-status-added "
    "response-media-type-added response-body-added response-header-added response-header-became-required "
    "response-property-added response-property-became-required response-property-became-readable",
    "W": "response-wording-changed",
}
# What may change of a schema, with what it is in a request and in a response: narrowing breaks writers,
# widening breaks readers.
_OF_SCHEMAS = {
    "BC": "schema-introduced type-narrowed became-not-nullable enum-value-removed enum-introduced "
    "limit-tightened pattern-added format-added format-narrowed additional-properties-refused "
    "alternative-removed rule-added discriminator-value-removed",
    "CB": "schema-dropped type-widened became-nullable limit-loosened format-widened alternative-added",
    # These break readers who hold answers to the letter, and nobody else.
    "CM": "enum-value-added enum-dropped pattern-removed format-removed additional-properties-allowed "
    "rule-removed discriminator-value-added discriminator-dropped",
    "BB": "type-changed format-replaced discriminator-property-changed",
    # Of these it cannot be told.
    "MM": "limit-changed pattern-changed format-changed alternatives-changed rule-changed "
    "discriminator-target-changed",
    "MC": "default-changed discriminator-introduced",
    "CC": "value-deprecated value-no-longer-deprecated",
    "WW": "value-wording-changed",
}


def _all() -> Iterator[tuple[str, Kind]]:
    of_audience: tuple[tuple[Audience, Mapping[str, str]], ...] = (
        ("everybody", _EVERYBODY),
        ("writers", _WRITERS),
        ("readers", _READERS),
    )
    for audience, by_severity in of_audience:
        for short, names in by_severity.items():
            yield from ((name, Kind(_SHORT[short], audience)) for name in names.split())
    for pair, names in _OF_SCHEMAS.items():
        for name in names.split():
            yield f"request-{name}", Kind(_SHORT[pair[0]], "writers")
            yield f"response-{name}", Kind(_SHORT[pair[1]], "readers")


KINDS: Mapping[str, Kind] = dict(_all())
