"""``mockserver enlarge``: a large fixture set that can be served."""

import json
import time
from pathlib import Path

import pytest

from tests.cli.test_serve import GROUPS, Served, one_sentence, run

SIZE = 152  # items of the demo set


def read(folder: Path) -> dict[str, list[dict[str, object]]]:
    return {file.stem: json.loads(file.read_bytes()) for file in folder.iterdir()}


def test_the_set_is_copied_whole_until_there_are_enough_items(tmp_path):
    enlarged = run("enlarge", "--items", "1000", "--seed", "3", tmp_path / "large")

    content = read(tmp_path / "large")
    assert enlarged.returncode == 0, enlarged.stderr
    assert enlarged.stdout == f"{tmp_path / 'large'}: 1064 items, the 152 of the set 7 times.\n"
    assert sum(map(len, content.values())) == 7 * SIZE
    assert {name: len(items) % 7 for name, items in content.items()} == dict.fromkeys(content, 0)


def test_the_same_seed_writes_the_same_files(tmp_path):
    for name, seed in [("one", 3), ("two", 3), ("other", 4)]:
        run("enlarge", "--items", "400", "--seed", str(seed), tmp_path / name)

    assert read(tmp_path / "one") == read(tmp_path / "two")
    assert read(tmp_path / "one") != read(tmp_path / "other")


def test_a_large_set_is_served_and_its_personas_can_still_sign_in(tmp_path):
    began = time.monotonic()
    enlarged = run("enlarge", "--items", "20000", tmp_path / "large")
    took = time.monotonic() - began
    with Served("--quiet", "--set", tmp_path / "large") as mock:
        token = run("token", "super-admin").stdout.strip()
        page = mock.get(
            "/api/v1/admin/admin-roles/",
            headers={"Authorization": f"Bearer {token}"},
            params={"per_page": 100, "page": 70},
        )
        groups = mock.get(GROUPS, headers={"Authorization": f"Bearer {token}"})

    assert enlarged.returncode == 0, enlarged.stderr
    assert took < 15  # it is about 1 s
    assert page.status_code == 200
    assert page.json()["pagination"]["total"] == 58 * 132
    assert len(page.json()["data"]) == 100
    assert len(groups.json()["data"]) == 16 * 132


def test_a_set_that_is_large_already_is_copied_as_it_is(tmp_path):
    run("enlarge", "--items", "1", "--set", "empty", tmp_path / "small")

    assert {name: len(items) for name, items in read(tmp_path / "small").items()} == {
        "admin_roles": 1,
        "groups": 0,
        "partners": 1,
        "tenants": 1,
        "users": 1,
    }


def test_a_set_can_be_enlarged_again(tmp_path):
    run("enlarge", "--items", "300", tmp_path / "once")

    again = run("enlarge", "--items", "900", "--set", tmp_path / "once", tmp_path / "twice")

    assert again.returncode == 0, again.stderr
    ids = [item["id"] for items in read(tmp_path / "twice").values() for item in items]
    assert len(ids) == len(set(ids)) == 912


def test_another_contract_brings_its_own_collections(tmp_path):
    contract = tmp_path / "openapi.yaml"
    contract.write_text(
        "openapi: 3.0.3\ninfo: {title: Pets, version: '1'}\n"
        "x-mock: {collections: {pets: Pet}}\n"
        "paths: {/pets: {get: {responses: {'200': {description: All}}}}}\n"
        "components: {schemas: {Pet: {type: object, required: [id, name], properties:"
        " {id: {type: integer, format: int32}, name: {type: string}}}}}\n"
    )
    (tmp_path / "fixtures" / "demo").mkdir(parents=True)
    (tmp_path / "fixtures" / "demo" / "pets.yaml").write_text(
        "- {id: 1, name: Rex}\n- {id: 2, name: Fido, motherId: 1}\n"
    )

    run("enlarge", "--items", "5", tmp_path / "large", contract)

    assert read(tmp_path / "large")["pets"] == [
        {"id": 1, "name": "Rex"},
        {"id": 2, "name": "Fido", "motherId": 1},
        {"id": 3, "name": "Rex"},
        {"id": 4, "name": "Fido", "motherId": 3},
        {"id": 5, "name": "Rex"},
        {"id": 6, "name": "Fido", "motherId": 5},
    ]


def test_what_is_there_already_is_replaced_only_when_forced(tmp_path):
    run("enlarge", "--items", "1", tmp_path / "large")

    refused = run("enlarge", "--items", "300", tmp_path / "large")
    untouched = read(tmp_path / "large")
    forced = run("enlarge", "--items", "300", "--force", tmp_path / "large")

    assert "is there already; take another name, or --force to replace it." in one_sentence(refused)
    assert sum(map(len, untouched.values())) == SIZE
    assert forced.returncode == 0
    assert sum(map(len, read(tmp_path / "large").values())) == 2 * SIZE


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--items", "0"], "0 is not in the range x>=1"),
        (["--set", "demmo"], 'there is no fixture set "demmo"'),
        (["--fixtures", "nowhere"], "--fixtures nowhere: there is no such folder."),
    ],
    ids=["no items", "an unknown set", "an unknown folder"],
)
def test_what_cannot_be_enlarged_is_refused_in_a_clear_sentence(tmp_path, arguments, said):
    refused = run("enlarge", *arguments, tmp_path / "out")

    assert said in one_sentence(refused)
    assert list(tmp_path.iterdir()) == []


def test_a_set_without_items_is_refused(tmp_path):
    (tmp_path / "nothing").mkdir()

    refused = run("enlarge", "--set", tmp_path / "nothing", tmp_path / "out")

    assert "There are no items to copy" in one_sentence(refused)
    assert not (tmp_path / "out").exists()


def test_a_broken_set_is_refused_with_its_items(tmp_path):
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "partners.yaml").write_text("- {id: prt_0000000000000000}\n")

    refused = run("enlarge", "--set", tmp_path / "broken", tmp_path / "out")

    assert "partners.yaml:1, item 1: name is missing." in one_sentence(refused)
    assert not (tmp_path / "out").exists()


def test_a_set_with_one_item_of_a_kind_is_enlarged_too(tmp_path):
    out = tmp_path / "many"

    enlarged = run("enlarge", "--set", "empty", "--items", "60", out)

    assert enlarged.returncode == 0, enlarged.stderr
    assert len({user["id"] for user in read(out)["users"]}) == len(read(out)["users"]) > 10
