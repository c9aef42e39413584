"""Which of the declared media types a client gets."""

import pytest

from mockserver.contract.media.negotiation import negotiate

JSON, XML, TEXT = "application/json", "application/xml", "text/plain"


@pytest.mark.parametrize(
    ("accept", "declared", "chosen"),
    [
        pytest.param(None, [XML, JSON], XML, id="no header: the first"),
        pytest.param("", [XML, JSON], XML, id="an empty header: the first"),
        pytest.param(" , ", [XML, JSON], XML, id="a header that says nothing: the first"),
        pytest.param("*/*", [XML, JSON], JSON, id="anything: JSON"),
        pytest.param("*/*", [XML, TEXT], XML, id="anything, where there is no JSON: the first"),
        pytest.param("application/*", [TEXT, XML, JSON], JSON, id="any application: JSON"),
        pytest.param("*/*", [XML, "application/hal+json"], "application/hal+json", id="anything: +json"),
        pytest.param("application/xml", [JSON, XML], XML, id="a name"),
        pytest.param("Application/XML", [JSON, XML], XML, id="a name in other letters"),
        pytest.param("text/plain, application/xml", [XML, TEXT], XML, id="two alike: the first declared"),
        pytest.param("application/json;q=0.5, text/plain;q=0.8", [JSON, TEXT], TEXT, id="the higher quality"),
        pytest.param("application/json;q=0.5, */*;q=0.1", [XML, JSON], JSON, id="a name before anything"),
        pytest.param("*/*, application/xml", [JSON, XML], XML, id="the closer name of two alike"),
        pytest.param("*/*, application/json;q=0", [JSON, XML], XML, id="what is excluded by name"),
        pytest.param("text/*;q=0, */*;q=0.1", [TEXT, XML], XML, id="what is excluded by a range"),
        pytest.param("*/*;q=0.1, text/*", [JSON, TEXT], TEXT, id="a range is closer than anything"),
        pytest.param("application/json;q=0", [JSON], None, id="the only one excluded"),
        pytest.param("image/png", [JSON, XML], None, id="nothing fits"),
        pytest.param("*/*", [], None, id="nothing declared"),
        pytest.param("application/json; charset=utf-8", [JSON], JSON, id="a charset that is asked for"),
        pytest.param(
            "application/json",
            ["application/json; charset=utf-8"],
            "application/json; charset=utf-8",
            id="a charset that is declared",
        ),
        pytest.param(
            "application/json;version=2",
            ["application/json;version=1", "application/json;version=2"],
            "application/json;version=2",
            id="a parameter that tells two apart",
        ),
        pytest.param("application/json;q=banana", [XML, JSON], JSON, id="a quality that is none"),
        pytest.param("nonsense", [JSON], None, id="a name that is none"),
        pytest.param("image/webp", ["image/*"], "image/webp", id="a type in a declared range"),
        pytest.param("image/*", ["image/*"], "image/png", id="a range in a declared range"),
        pytest.param("text/csv", ["*/*"], "text/csv", id="a type where everything is declared"),
        pytest.param(None, ["*/*"], JSON, id="everything declared, nothing asked"),
        pytest.param("application/json,text/html;q=0.9,*/*;q=0.8", ["text/html", JSON], JSON, id="a browser"),
    ],
)
def test_the_best_of_the_declared_is_chosen(accept, declared, chosen):
    assert negotiate(accept, declared) == chosen


def test_a_header_of_endless_length_is_answered():
    assert negotiate("a/b," * 100_000 + "application/json", ["application/json"]) is None
