"""The percentages, and how they are told: as text, JSON, a page and a badge."""

import json
import shutil
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest

from mockserver.contract.loading.document import load
from mockserver.contract.operation import Contract
from mockserver.errors import MockServerError
from mockserver.prove.coverage.badge import as_badge, colour_of
from mockserver.prove.coverage.page import as_page
from mockserver.prove.coverage.reckoning import IGNORED, Reckoning, Row, Share, read_ignored, reckon
from mockserver.prove.coverage.table import as_json, describe
from mockserver.state.touched import Record, Touched
from tests.state.touching import LAMPS

TOUCHED = {
    "listLamps": Touched(
        {200: 3, 404: 1, 418: 1, 302: 2},
        {"query limit", "query gone"},
        set(),
        {"200 text/csv"},
        {"200 application/json two"},
    ),
    "createLamp": Touched({201: 1, 503: 1}, set(), {"text/plain"}),
}


@pytest.fixture(scope="module")
def lamps(tmp_path_factory: pytest.TempPathFactory) -> Contract:
    path: Path = tmp_path_factory.mktemp("contract") / "lamps.yaml"
    path.write_text(LAMPS)
    return load(path)


def of(contract: Contract, operations: dict[str, Touched], ignored: tuple[str, ...] = IGNORED) -> Reckoning:
    return reckon(contract, Record("Lamps", operations, 2, ["GET /nowhere"]), ignored)


def row(reckoning: Reckoning, operation_id: str) -> Row:
    return next(each for each in reckoning.rows if each.operation.operation_id == operation_id)


def test_an_operation_counts_once_for_each_status_that_it_declares(lamps):
    reckoning = of(lamps, TOUCHED)

    assert row(reckoning, "listLamps").parts["statuses"].touched == ("200", "4XX")
    assert row(reckoning, "createLamp").parts["statuses"].touched == ("201", "default")
    # It declares nothing but 500, which is ignored.
    assert row(reckoning, "removeLamp").parts["statuses"].missing == ("called",)
    assert reckoning.totals["statuses"] == Share(4, 5)
    assert reckoning.totals["operations"] == Share(2, 3)


def test_statuses_can_be_ignored_or_all_be_counted(lamps):
    everything = of(lamps, TOUCHED, ())
    without_default = of(lamps, TOUCHED, ("default", "404", "503"))

    assert everything.totals["statuses"] == Share(4, 6)
    assert row(everything, "listLamps").parts["statuses"].missing == ("503",)
    assert row(without_default, "createLamp").parts["statuses"].touched == ("201",)
    assert row(without_default, "createLamp").ignored == ("default",)


def test_an_answer_that_is_not_declared_touches_nothing_and_is_named(lamps):
    reckoning = of(lamps, {"listLamps": Touched({302: 2})})

    assert row(reckoning, "listLamps").undeclared == (302,)
    assert reckoning.totals["statuses"].touched == 0
    assert any("listLamps answered 302" in line for line in describe(reckoning))


def test_what_a_file_has_and_the_contract_lacks_counts_for_nothing(lamps):
    reckoning = of(lamps, {**TOUCHED, "dimLamp": Touched({200: 1})})

    assert reckoning.totals["parameters"] == Share(1, 7)
    assert reckoning.totals["media-types"] == Share(2, 6)
    assert reckoning.totals["examples"] == Share(1, 6)
    assert reckoning.unknown == ("dimLamp",)
    assert any("no operation dimLamp" in line for line in describe(reckoning))


def test_the_operations_that_were_never_called_come_first_then_the_least_touched(lamps):
    touched = {"createLamp": Touched({201: 1}), "listLamps": Touched({200: 1, 400: 1})}

    names = [each.operation.operation_id for each in of(lamps, touched).rows]

    assert names == ["removeLamp", "createLamp", "listLamps"]


@pytest.mark.parametrize(
    ("share", "percent", "reached", "missed"),
    [
        pytest.param(Share(2, 3), 66.6, 66.6, 66.7, id="cut to a decimal"),
        pytest.param(Share(7999, 10000), 79.9, 79.99, 80, id="never rounded up"),
        pytest.param(Share(1, 1), 100, 100, 100.1, id="whole"),
        pytest.param(Share(0, 0), 100, 100, None, id="nothing to touch"),
    ],
)
def test_a_share_is_never_shown_as_more_than_it_is(share, percent, reached, missed):
    assert share.percent == percent
    assert share.reaches(reached)
    assert missed is None or not share.reaches(missed)


def test_ignored_statuses_are_read_from_what_somebody_wrote():
    assert read_ignored(["5xx,404", "default"]) == ("5XX", "404", "default")
    assert read_ignored(["none"]) == ()
    with pytest.raises(MockServerError, match='"5X" is no status'):
        read_ignored(["5X"])


def test_the_text_says_what_was_touched_and_what_was_not(lamps):
    text = "\n".join(describe(of(lamps, TOUCHED)))

    assert text.startswith("Lamps: 80% covered (4 of 5 statuses of operations)\n")
    assert "Never called (1)\n  removeLamp  DELETE /lamps/{lamp}\n" in text
    assert "answered 200 (3), 302 (2), 404 (1), 418 (1)" in text
    assert "never sent: query tag, query filter, query page, header X-Team, cookie taste" in text
    assert "examples never seen: 200 none, 4XX application/problem+json" in text
    assert "Not reckoned: statuses 5XX." in text
    assert "2 requests meant no operation, such as GET /nowhere." in text


def test_the_json_has_every_operation_with_what_is_missing(lamps):
    shown = json.loads(json.dumps(as_json(of(lamps, TOUCHED), "operations")))

    assert (shown["percent"], shown["by"], shown["ignored_statuses"]) == (66.6, "operations", ["5XX"])
    assert shown["totals"]["statuses"] == {"touched": 4, "declared": 5, "percent": 80.0}
    listed = next(each for each in shown["operations"] if each["operation"] == "listLamps")
    assert listed["answers"] == {"200": 3, "302": 2, "404": 1, "418": 1}
    assert listed["undeclared_statuses"] == [302]
    assert listed["media_types"]["missing"] == ["200 application/json", "4XX application/problem+json"]


@pytest.mark.parametrize("percent", [0.0, 45.5, 60.0, 80.0, 100.0])
def test_the_badge_is_a_picture_that_says_the_percentage(percent):
    picture = ElementTree.fromstring(as_badge(percent))

    assert picture.tag == "{http://www.w3.org/2000/svg}svg"
    assert picture.get("aria-label") == f"API coverage: {percent:g}%"
    assert f'fill="{colour_of(percent)}"' in as_badge(percent)


def test_colours_go_from_red_to_green():
    assert len({colour_of(each) for each in (10.0, 50.0, 70.0, 90.0, 100.0)}) == 5


def test_the_page_takes_nothing_from_elsewhere_and_is_readable_in_a_browser(lamps, tmp_path):
    sync_api: Any = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if chromium is None:
        pytest.skip("no Chromium is installed")
    file = tmp_path / "coverage.html"
    file.write_text(as_page(of(lamps, TOUCHED)), encoding="utf-8")
    asked: list[str] = []

    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.goto(file.as_uri())
        first = page.locator("tbody tr").first.inner_text()
        folded = page.get_by_text("query tag").is_visible()
        page.locator("tr", has_text="listLamps").locator("summary").first.click()
        unfolded = page.get_by_text("query tag").is_visible()
        head = page.locator(".card.first").inner_text()
        browser.close()

    assert asked == [file.as_uri()]
    assert "removeLamp" in first
    assert head.split() == ["80%", "Statuses", "4", "of", "5"]
    assert (folded, unfolded) == (False, True)


def test_what_a_contract_calls_its_operations_is_no_markup(lamps, tmp_path):
    path = tmp_path / "odd.yaml"
    path.write_text(LAMPS.replace("listLamps", "'<b>list</b>'").replace("title: Lamps", "title: <i>"))

    page = as_page(reckon(load(path), Record()))

    assert "<b>list</b>" not in page
    assert "<i>" not in page.split("</style>")[1].split("<div")[0]
