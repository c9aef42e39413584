"""A request finds the path that it means, concrete before templated, however many there are."""

import itertools
import re
import string
import time
from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockserver.contract.paths import PathTree


def found(paths: list[str], raw: str) -> tuple[str, dict[str, str]] | None:
    match = PathTree(paths).match(raw)
    return None if match is None else (match[0], dict(match[1]))


@pytest.mark.parametrize(
    ("paths", "raw", "expected"),
    [
        (["/"], "/", ("/", {})),
        (["/a"], "/a", ("/a", {})),
        (["/a/"], "/a/", ("/a/", {})),
        (["/a", "/a/"], "/a/", ("/a/", {})),
        (["/a", "/a/"], "/a", ("/a", {})),
        (["/{x}"], "/a", ("/{x}", {"x": "a"})),
        (["/{x}"], "/a%2Fb", ("/{x}", {"x": "a%2Fb"})),
        (["/{x}"], "/a%0Ab", ("/{x}", {"x": "a%0Ab"})),
        (["/{x}"], "/a\nb", ("/{x}", {"x": "a\nb"})),
        (["/{x}"], "/{x}", ("/{x}", {"x": "{x}"})),
        (["/{x}/"], "/a/", ("/{x}/", {"x": "a"})),
        (["/{x}/{y}"], "/a/b", ("/{x}/{y}", {"x": "a", "y": "b"})),
        (["/a/{x}", "/{y}/b"], "/a/b", ("/a/{x}", {"x": "b"})),
        (["/{y}/b", "/a/{x}"], "/a/b", ("/a/{x}", {"x": "b"})),
        (["/a/{x}/c", "/{y}/b/d"], "/a/b/d", ("/{y}/b/d", {"y": "a"})),
        (["/{x}.{y}"], "/a.b.c", ("/{x}.{y}", {"x": "a", "y": "b.c"})),
        (["/{x}.json", "/{x}"], "/a.json", ("/{x}.json", {"x": "a"})),
        (["/{x}", "/{x}.json"], "/a.xml", ("/{x}", {"x": "a.xml"})),
        (["/{x}.{y}", "/{x}.tar.gz"], "/a.tar.gz", ("/{x}.tar.gz", {"x": "a"})),
        (["/v{x}"], "/v1", ("/v{x}", {"x": "1"})),
        (["/{x}:{y}"], "/a%3Ab:c", ("/{x}:{y}", {"x": "a%3Ab", "y": "c"})),
        (["/(a+)+{x}"], "/(a+)+b", ("/(a+)+{x}", {"x": "b"})),
        (["/ä"], "/%C3%A4", ("/ä", {})),
        (["/a b/{x}"], "/a%20b/c", ("/a b/{x}", {"x": "c"})),
        (["/me", "/{x}"], "/%6De", ("/me", {})),
        (["/a%2Fb", "/{x}"], "/a%2Fb", ("/a%2Fb", {})),
    ],
)
def test_the_path_that_is_meant_is_found_with_its_values_as_they_came(paths, raw, expected):
    assert found(paths, raw) == expected


@pytest.mark.parametrize(
    ("paths", "raw"),
    [
        ([], "/"),
        (["/a"], "/"),
        (["/a"], "/b"),
        (["/a"], "/A"),
        (["/a"], "/a/"),
        (["/a"], "/a/b"),
        (["/a"], "//a"),
        (["/a"], "a"),
        (["/a"], "x/a"),
        (["/"], "x/"),
        (["/a"], ""),
        (["/a"], "*"),
        (["/{x}"], "/"),
        (["/{x}"], "//"),
        (["/{x}/{y}"], "/a/"),
        (["/{x}/{y}"], "//b"),
        (["/{x}.{y}"], "/a."),
        (["/{x}.{y}"], "/.b"),
        (["/{x}.{y}"], "/a"),
        (["/a/b"], "/a%2Fb"),
    ],
)
def test_a_path_that_nobody_declared_is_not_found(paths, raw):
    assert found(paths, raw) is None


@pytest.mark.parametrize(
    ("paths", "raw", "other"),
    [
        (["/a"], "/a/", "/a"),
        (["/a/"], "/a", "/a/"),
        (["/{x}/"], "/a%2Fb", "/a%2Fb/"),
        (["/a"], "/a//", None),
        (["/a"], "/b/", None),
        (["/"], "", "/"),
        (["/a/"], "/", None),
    ],
)
def test_the_other_form_of_a_slash_is_the_one_that_is_declared(paths, raw, other):
    assert PathTree(paths).other_slash_form(raw) == other


names = st.text(string.ascii_letters, min_size=1, max_size=8)
values = st.text(min_size=1, max_size=8)
literals = st.text(string.ascii_letters + string.digits + "-_.~", min_size=1, max_size=8)


@st.composite
def templates(draw: st.DrawFn) -> tuple[str, dict[str, str]]:
    """Give a template, and a value for each of its parameters."""
    segments, given_values = [], {}
    for index in range(draw(st.integers(1, 5))):
        if draw(st.booleans()):
            name = f"{draw(names)}{index}"
            segments.append(f"{{{name}}}")
            given_values[name] = draw(values)
        else:
            segments.append(draw(literals))
    return "/" + "/".join(segments), given_values


def filled(template: str, given_values: dict[str, str]) -> str:
    for name, value in given_values.items():
        template = template.replace(f"{{{name}}}", quote(value, safe=""))
    return template


@given(templates(), st.lists(templates(), max_size=5))
def test_a_filled_template_matches_itself_or_a_path_that_says_more(template, others):
    path, given_values = template
    tree = PathTree([path, *(other for other, _ in others)])

    match = tree.match(filled(path, given_values))

    assert match is not None
    assert match[0] == path or match[0].count("{") <= path.count("{")


@given(templates())
def test_alone_a_filled_template_gives_its_values_back(template):
    path, given_values = template

    match = PathTree([path]).match(filled(path, given_values))

    assert match is not None
    assert {name: unquote(raw) for name, raw in match[1].items()} == given_values


@given(st.lists(values, min_size=2, max_size=4))
def test_values_in_one_segment_are_told_apart_by_what_stands_between_them(parts):
    raw = [quote(part, safe="").replace("-", "%2D") for part in parts]
    template = "/" + "--".join(f"{{p{index}}}" for index in range(len(parts)))

    match = PathTree([template]).match("/" + "--".join(raw))

    assert match is not None
    assert list(match[1].values()) == raw


@given(st.text(max_size=30))
def test_any_text_at_all_can_be_looked_for(raw):
    tree = PathTree(["/", "/a", "/{x}", "/{x}/b", "/{x}.{y}/{z}", "/a/"])

    match = tree.match(raw)
    tree.other_slash_form(raw)

    assert match is None or raw.startswith("/")


def seconds(tree: PathTree, raws: list[str]) -> float:
    """Measure the time of one round of matches; the least of several, which disturbances only lengthen."""
    rounds = []
    for _ in range(15):
        began = time.perf_counter()
        for raw in raws:
            tree.match(raw)
        rounds.append(time.perf_counter() - began)
    return min(rounds)


@pytest.mark.parametrize("kind", ["concrete", "templated", "unknown"])
def test_the_cost_of_a_match_does_not_grow_with_the_number_of_paths(kind):
    def tree(count: int) -> PathTree:
        paths = [f"/api/kind{number}" for number in range(count)]
        return PathTree(
            [*paths, *(f"{path}/{{id}}" for path in paths), *(f"{path}/{{id}}/parts" for path in paths)]
        )

    raws = {"concrete": "/api/kind{}", "templated": "/api/kind{}/5/parts", "unknown": "/api/kind{}/5/none"}[
        kind
    ]
    few = seconds(tree(10), [raws.format(number % 10) for number in range(500)])
    many = seconds(tree(1000), [raws.format(number * 2) for number in range(500)])

    assert many < 3 * few


def test_the_cost_of_a_match_does_not_explode_where_every_segment_could_be_two_things():
    choices = itertools.product(*(("a", f"{{x{depth}}}") for depth in range(10)))
    tree = PathTree("/" + "/".join(segments) for segments in choices)
    began = time.perf_counter()

    assert tree.match("/a" * 1000) is None

    assert time.perf_counter() - began < 1


@pytest.mark.parametrize(
    ("template", "raw"),
    [
        pytest.param("/{x}-{y}-{z}!", "/" + "-" * 60_000, id="all separators"),
        pytest.param("/{x}.{y}.json", "/" + "." * 60_000 + "jso", id="an end that is nearly there"),
        pytest.param("/{a}{b}{c}{d}!", "/" + "a" * 60_000, id="nothing between them"),
        pytest.param("/{a}ab{b}ab{c}ab!", "/" + "ab" * 30_000, id="separators that overlap"),
    ],
)
def test_a_long_segment_does_not_take_a_power_of_its_length(template, raw):
    tree = PathTree([template])
    began = time.perf_counter()

    assert tree.match(raw) is None

    assert time.perf_counter() - began < 1


@given(st.lists(st.sampled_from(["", "-", "ab", "."]), min_size=2, max_size=5), st.text("ab-.", max_size=12))
def test_the_parts_of_a_segment_are_those_that_a_regular_expression_finds(literals, segment):
    template = "/" + literals[0] + "".join(f"{{p{i}}}{literal}" for i, literal in enumerate(literals[1:]))
    pattern = "(.+?)".join(map(re.escape, literals))

    match = PathTree([template]).match(f"/{segment}")
    expected = re.fullmatch(pattern, segment, re.DOTALL)

    assert (match is None) == (expected is None)
    assert match is None or tuple(match[1].values()) == expected.groups()
