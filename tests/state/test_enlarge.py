"""Copies of a fixture set: other ids, names and times, and the same relations between them."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mockserver.contract.loading.document import load
from mockserver.contract.operation import Contract
from mockserver.errors import MockServerError
from mockserver.state.clock import read_time
from mockserver.state.enlarge import enlarge
from mockserver.state.fixture_files import write_folder
from mockserver.state.fixtures import Content, read_as_written, read_set
from tests.conftest import ROOT, SHIPPED

NOW = datetime(2026, 5, 1, 9, tzinfo=UTC)
CONTRACT = load(SHIPPED)
DEMO = read_as_written(ROOT / "fixtures", "demo", CONTRACT)


def copies(
    content: Content, contract: Contract = CONTRACT, *, worlds: int = 4, seed: int = 1
) -> list[Content]:
    return list(enlarge(content, contract, worlds=worlds, seed=seed, now=NOW))


def paired(world: Content, collection: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Give each item of the demo set with its copy."""
    return list(zip(DEMO[collection], world[collection], strict=True))


def contract_of(tmp_path: Path, properties: str, collection: str = "things") -> Contract:
    """Make a contract with one collection, whose items have an id and some other properties."""
    (tmp_path / "openapi.yaml").write_text(
        "openapi: 3.1.0\n"
        f"x-mock: {{collections: {{{collection}: Item, others: Item}}}}\n"
        "paths: {/a: {get: {responses: {'200': {description: A}}}}}\n"
        "components: {schemas: {Item: {type: object, required: [id], properties: "
        f"{{{properties}}}}}}}}}\n"
    )
    return load(tmp_path / "openapi.yaml")


def test_the_first_world_is_the_set_itself():
    assert copies(DEMO)[0] == DEMO


def test_the_same_seed_makes_the_same_copies_and_another_seed_makes_others():
    assert copies(DEMO, seed=7) == copies(DEMO, seed=7)
    assert copies(DEMO, seed=7)[1] != copies(DEMO, seed=8)[1]


def test_a_copy_does_not_depend_on_how_many_there_are():
    assert copies(DEMO, worlds=6)[:3] == copies(DEMO, worlds=3)


def test_no_id_stands_twice():
    ids = Counter(
        item["id"] for world in copies(DEMO, worlds=30) for items in world.values() for item in items
    )

    assert len(ids) == 30 * sum(map(len, DEMO.values()))


def test_an_id_keeps_its_prefix_its_length_and_its_alphabet():
    for world in copies(DEMO)[1:]:
        for collection in DEMO:
            for source, copy in paired(world, collection):
                assert copy["id"] != source["id"]
                assert re.fullmatch(source["id"][:4] + "[a-z0-9]{16}", copy["id"])


def test_a_copy_refers_to_the_copies_of_what_the_original_refers_to():
    world = copies(DEMO)[1]
    now = {source["id"]: copy["id"] for collection in DEMO for source, copy in paired(world, collection)}

    for source, copy in paired(world, "groups"):
        assert copy["member_ids"] == [now[each] for each in source["member_ids"]]
        assert copy["tenant_id"] == now[source["tenant_id"]]
    for source, copy in paired(world, "admin_roles"):
        for field in ("user_id", "partner_id", "tenant_id", "created_by"):
            assert copy[field] == (now[source[field]] if source[field] is not None else None)


def test_every_copy_keeps_the_contract(tmp_path):
    for number, world in enumerate(copies(DEMO)):
        write_folder(tmp_path / str(number), world)

        read = read_set(tmp_path, str(number), CONTRACT, NOW)

        assert {name: len(items) for name, items in read.items()} == {
            name: len(items) for name, items in DEMO.items()
        }


def test_what_no_name_id_or_time_is_stays_as_it_is():
    world = copies(DEMO)[1]

    for source, copy in paired(world, "users"):
        assert list(copy) == list(source)
        assert copy["status"] == source["status"]
    for source, copy in paired(world, "admin_roles"):
        assert (copy["role"], copy["is_active"]) == (source["role"], source["is_active"])
    for source, copy in paired(world, "groups"):
        assert (copy["role"], copy["description"]) == (source["role"], source["description"])


def test_people_companies_and_groups_have_other_names():
    world = copies(DEMO)[1]

    for collection, field in [
        ("users", "display_name"),
        ("tenants", "name"),
        ("partners", "name"),
        ("groups", "name"),
    ]:
        for source, copy in paired(world, collection):
            assert copy[field] != source[field]
            assert copy[field].strip() == copy[field]


def test_companies_that_belong_together_still_do():
    world = copies(DEMO)[1]
    names = {
        source["name"]: copy["name"]
        for each in ("partners", "tenants")
        for source, copy in paired(world, each)
    }

    assert names["Halden & Moor Managed Services"] == f"{names['Halden & Moor']} Managed Services"
    assert names["Keystone Platform House"].removesuffix(" Platform House") == names[
        "Keystone Operations"
    ].removesuffix(" Operations")
    assert names["Brackwater Logistics"].endswith(" Logistics")
    assert names["Municipality of Oudemeer"].startswith("Municipality of ")


def test_an_address_goes_with_the_name_and_the_company_of_its_person():
    world = copies(DEMO)[1]
    companies = {copy["id"]: copy["name"] for _, copy in paired(world, "tenants")}
    first = world["users"][0]

    given, family = first["display_name"].lower().split(" ")
    assert first["email"].split("@")[0] == f"{given}.{family}"
    brand = companies[first["tenant_id"]].removesuffix(" Operations")
    assert first["email"].split("@")[1] == f"{brand.replace(' ', '').lower()}.example"
    assert all(user["email"].endswith(".example") for user in world["users"])


def test_addresses_that_were_equal_stay_equal_and_no_others_become_so():
    source = Counter(user["email"] for user in DEMO["users"])
    for world in copies(DEMO)[1:]:
        copied = {original["email"]: copy["email"] for original, copy in paired(world, "users")}
        assert sorted(Counter(user["email"] for user in world["users"]).values()) == sorted(source.values())
        assert len(set(copied.values())) == len(source)
    assert max(source.values()) == 2


def test_two_people_of_one_name_have_two_addresses(tmp_path):
    contract = contract_of(tmp_path, "id: {type: integer}", "users")
    users = [
        {"id": n, "name": "Anna Berg", "email": email}
        for n, email in enumerate(["anna.berg@acme.example", "anna.berg2@acme.example"], start=1)
    ]

    first, second = copies({"users": users, "others": []}, contract)[1]["users"]

    local, domain = first["email"].split("@")
    assert first["name"] == second["name"]
    assert second["email"] == f"{local}2@{domain}"


def test_an_address_stands_in_one_world_only():
    everywhere = [{user["email"] for user in world["users"]} for world in copies(DEMO, worlds=40)]

    assert sum(map(len, everywhere)) == len(set.union(*everywhere))


def test_absolute_times_lie_further_back_all_by_the_same_amount():
    for world in copies(DEMO)[1:]:
        back = {
            read_time(source["created_at"], NOW) - read_time(copy["created_at"], NOW)  # type: ignore[operator]
            for collection in ("users", "groups", "admin_roles")
            for source, copy in paired(world, collection)
            if source["created_at"][0] not in "+-"
        }

        assert len(back) == 1
        assert timedelta(days=1) <= back.pop() <= timedelta(days=61)


def test_relative_times_stay_as_they_are():
    world = copies(DEMO)[1]
    relative = [
        (source[field], copy[field])
        for field, collection in [
            ("last_login_at", "users"),
            ("last_synced_at", "groups"),
            ("expires_at", "admin_roles"),
        ]
        for source, copy in paired(world, collection)
        if str(source[field])[:1] in "+-"
    ]

    assert len(relative) > 20
    assert all(source == copy for source, copy in relative)


UUID = "0b9d3c1e-7f5a-4c2d-9e8f-1a2b3c4d5e6f"


@pytest.mark.parametrize(
    ("ids", "shape"),
    [
        (["usr_cupb2ud4z0udyrl4", "usr_vka4ghci5i5y7p3r"], r"usr_[a-z0-9]{16}"),
        (
            [UUID, UUID.replace("0b9", "ffa")],
            r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-9[0-9a-f]{3}-[0-9a-f]{12}",
        ),
        ([UUID.upper()], r"[0-9A-F]{8}-[0-9A-F]{4}-4[0-9A-F]{3}-9[0-9A-F]{3}-[0-9A-F]{12}"),
        (["507f1f77bcf86cd799439011", "507f191e810c19729de860ea"], r"[0-9a-f]{24}"),
        (["01ARZ3NDEKTSV4RRFFQ69G5FAV", "01BX5ZZKBKACTAV9WEVGEMMVRZ"], r"[0-9A-HJKMNP-TV-Z]{26}"),
        (["INV-0007", "INV-0012"], r"INV-00(13|14|15|16)"),
        (["7", "12"], r"1[3-6]"),
        (["user1"], r"user[23]"),
        (["acme", "orchard-lane"], r"(acme|orchard-lane)-[23]"),
        (["Straße 4x", "Straße 5x"], r"Straße [45]x-[23]"),
    ],
    ids=[
        "a prefix and characters",
        "UUIDs",
        "UUIDs in upper case",
        "hexadecimal",
        "ULIDs",
        "a prefix and a number",
        "numbers as texts",
        "a word and a number",
        "words",
        "anything",
    ],
)
def test_an_id_keeps_its_shape(tmp_path, ids, shape):
    contract = contract_of(tmp_path, "id: {type: string}")

    worlds = copies({"things": [{"id": each} for each in ids], "others": []}, contract, worlds=3)

    made = [item["id"] for world in worlds[1:] for item in world["things"]]
    assert all(re.fullmatch(shape, each) for each in made), made
    assert len(set(made) | set(ids)) == 3 * len(ids)


def test_an_id_that_is_drawn_twice_is_drawn_again(tmp_path):
    contract = contract_of(tmp_path, "id: {type: string}")
    things = [{"id": f"{n:08x}"[::-1]} for n in range(0x1000, 0x1000 + 100)]

    worlds = copies({"things": things, "others": []}, contract, worlds=1300)

    assert len({item["id"] for world in worlds for item in world["things"]}) == 130_000


def test_integers_go_on_from_the_highest_and_references_go_with_them(tmp_path):
    contract = contract_of(
        tmp_path,
        "id: {type: integer}, parentId: {type: integer}, owner_ids: {type: array}, size: {type: integer}",
    )
    things = [{"id": 3}, {"id": 9, "parentId": 3, "owner_ids": [20], "size": 3}]

    worlds = copies({"things": things, "others": [{"id": 20}]}, contract, worlds=3)

    assert worlds[1] == {
        "things": [{"id": 21}, {"id": 22, "parentId": 21, "owner_ids": [23], "size": 3}],
        "others": [{"id": 23}],
    }
    assert worlds[2]["things"][1] == {"id": 25, "parentId": 24, "owner_ids": [26], "size": 3}


def test_ids_are_found_wherever_they_stand_but_not_inside_other_texts(tmp_path):
    contract = contract_of(tmp_path, "id: {type: string}")
    thing = {"id": "a1", "inside": {"deep": [["a1"]], "a1": "by id"}, "url": "/things/a1", "kind": "a"}

    copy = copies({"things": [thing], "others": []}, contract, worlds=2)[1]["things"][0]

    assert copy == {
        "id": "a2",
        "inside": {"deep": [["a2"]], "a2": "by id"},
        "url": "/things/a1",
        "kind": "a",
    }


def test_a_value_that_the_contract_fixes_is_no_reference(tmp_path):
    contract = contract_of(tmp_path, "id: {type: string}, kind: {enum: [admin1, x]}, of: {type: string}")

    copy = copies({"things": [{"id": "admin1", "kind": "admin1", "of": "admin1"}], "others": []}, contract)[1]

    assert copy["things"] == [{"id": "admin2", "kind": "admin1", "of": "admin2"}]


def test_people_are_found_by_the_names_of_properties(tmp_path):
    contract = contract_of(tmp_path, "id: {type: integer}", "customers")
    customer = {
        "id": 1,
        "firstName": "Anna",
        "lastName": "van Berg",
        "contactEmail": "avanberg@acme.example",
        "username": "anna.vanberg",
        "company": "Acme Tools",
        "support": "info@acme.example",
        "manager": {"name": "Bo Lind", "email": "bo_lind@acme.example"},
        "title": "Head of Sales",
    }

    copy = copies({"customers": [customer], "others": []}, contract)[1]["customers"][0]

    given, family = copy["firstName"], copy["lastName"]
    manager = copy["manager"]["name"].lower().split(" ")
    domain = copy["company"].removesuffix(" Tools").replace(" ", "").lower() + ".example"
    assert (given, family) != ("Anna", "van Berg")
    assert copy["contactEmail"] == f"{given[0]}{family}@{domain}".lower()
    assert copy["username"] == f"{given}.{family}1".lower()
    assert copy["company"].endswith(" Tools")
    assert copy["support"] == f"info@{domain}"
    assert copy["manager"]["email"] == f"{manager[0]}_{manager[1]}@{domain}"
    assert copy["title"] == "Head of Sales"


def test_a_name_that_the_contract_would_refuse_stays_as_it_is(tmp_path):
    contract = contract_of(tmp_path, "id: {type: integer}, name: {type: string, maxLength: 8}", "users")

    copy = copies({"users": [{"id": 1, "name": "Al Bo"}], "others": []}, contract)[1]

    assert copy["users"] == [{"id": 2, "name": "Al Bo"}]


def test_a_copy_that_the_contract_refuses_even_so_is_named(tmp_path):
    contract = contract_of(tmp_path, "id: {type: integer, maximum: 1}")

    with pytest.raises(MockServerError) as refused:
        copies({"things": [{"id": 1}], "others": []}, contract)

    assert str(refused.value) == "things, a copy with the id 2: id is 2; the contract wants maximum 1."


def test_dates_lie_further_back_too(tmp_path):
    contract = contract_of(tmp_path, "id: {type: integer}")
    thing = {"id": 1, "day": "2024-02-29", "first": "0001-01-01", "version": "2024-13-45", "at": "+3d"}

    copy = copies({"things": [thing], "others": []}, contract)[1]["things"][0]

    assert "2023-12-20" < copy["day"] < "2024-02-29"
    assert (copy["first"], copy["version"], copy["at"]) == ("0001-01-01", "2024-13-45", "+3d")
