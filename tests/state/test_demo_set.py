"""The data a demo needs, as ``domain.md`` counts it: the sets ``demo`` and ``empty``, and the personas."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import jwt
import pytest

from mockserver.contract.loading.document import load
from mockserver.state.clock import Clock, write_time
from mockserver.state.fixtures import read_set
from mockserver.state.personas import TokenRefused, load_personas, mint, verify
from tests.conftest import ROOT, SHIPPED

FIXTURES = ROOT / "fixtures"
NOW = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
PEOPLE = (
    "super-admin",
    "other-super-admin",
    "partner-admin",
    "tenant-admin",
    "group-manager",
    "viewer",
    "expired",
)
SERVICES = ("service-reader", "service-writer", "service-without-scope")


@pytest.fixture(scope="module")
def contract():
    return load(SHIPPED)


@pytest.fixture(scope="module")
def demo(contract):
    return read_set(FIXTURES, "demo", contract, NOW)


@pytest.fixture(scope="module")
def empty(contract):
    return read_set(FIXTURES, "empty", contract, NOW)


@pytest.fixture(scope="module")
def personas():
    return load_personas(FIXTURES / "personas.yaml")


def by_id(items):
    return {item["id"]: item for item in items}


def living(users):
    return [user for user in users if user["deleted_at"] is None]


def is_orphaned_without(role, content):
    """Tell whether the user of an assignment has no other, has a namesake elsewhere, and never logged in."""
    user = by_id(content["users"])[role["user_id"]]
    same_email = [each for each in living(content["users"]) if each["email"] == user["email"]]
    return (
        [each["user_id"] for each in content["admin_roles"]].count(user["id"]) == 1
        and len({each["tenant_id"] for each in same_email}) > 1
        and user["last_login_at"] is None
    )


# Partners, tenants and users


@pytest.mark.parametrize(
    ("collection", "least", "most"),
    [
        pytest.param("partners", 2, 20, id="at least two partners"),
        pytest.param("tenants", 5, 50, id="at least five tenants"),
        pytest.param("users", 40, 400, id="at least forty users"),
        pytest.param("admin_roles", 30, 90, id="thirty to ninety assignments"),
        pytest.param("groups", 12, 24, id="a dozen groups or some more"),
    ],
)
def test_the_demo_has_enough_of_everything_and_not_too_much(demo, collection, least, most):
    assert least <= len(demo[collection]) <= most


def test_every_partner_has_tenants_and_every_tenant_has_users(demo):
    assert {tenant["partner_id"] for tenant in demo["tenants"]} == by_id(demo["partners"]).keys()
    assert {user["tenant_id"] for user in living(demo["users"])} == by_id(demo["tenants"]).keys()


@pytest.mark.parametrize(
    ("is_one", "least"),
    [
        pytest.param(lambda user: user["status"] == "suspended", 2, id="some are suspended"),
        pytest.param(lambda user: user["status"] == "active", 30, id="most are active"),
        pytest.param(
            lambda user: user["last_login_at"] is None and user["deleted_at"] is None,
            2,
            id="some never logged in",
        ),
        pytest.param(lambda user: user["last_login_at"] is not None, 30, id="most have logged in"),
    ],
)
def test_there_are_users_of_every_kind(demo, is_one, least):
    assert len([user for user in demo["users"] if is_one(user)]) >= least


def test_the_e_mail_of_at_least_two_users_exists_in_two_tenants(demo):
    tenants = {}
    for user in living(demo["users"]):
        tenants.setdefault(user["email"], []).append(user["tenant_id"])

    twice = [found for found in tenants.values() if len(found) > 1]

    assert len(twice) >= 2
    assert all(len(set(found)) == len(found) for found in twice)


def test_one_user_is_soft_deleted_and_has_no_assignment(demo):
    (deleted,) = (user for user in demo["users"] if user["deleted_at"] is not None)

    assert deleted["last_login_at"] is None
    assert deleted["id"] not in {role["user_id"] for role in demo["admin_roles"]}


def test_every_address_is_obviously_fictional(demo, empty):
    for user in demo["users"] + empty["users"]:
        assert re.fullmatch(r"[a-z]+(\.[a-z]+)+@[a-z]+\.example", user["email"]), user["email"]


def test_names_are_those_of_people(demo):
    names = [user["display_name"] for user in demo["users"]]

    assert all(" " in name and name == name.strip() for name in names)
    assert not [name for name in names if re.search(r"\d|test|user|admin|foo|bar\b", name.lower())]


def test_some_names_have_letters_beyond_ascii(demo):
    assert [user for user in demo["users"] if not user["display_name"].isascii()]


# Assignments


def test_there_are_assignments_of_all_three_kinds(demo):
    kinds = Counter(role["role"] for role in demo["admin_roles"])

    assert kinds.keys() == {"SUPER_ADMIN", "PARTNER_ADMIN", "TENANT_ADMIN"}
    assert min(kinds.values()) >= 3


@pytest.mark.parametrize(
    "is_one",
    [
        pytest.param(lambda role: not role["is_active"], id="inactive"),
        pytest.param(
            lambda role: role["is_active"] and (role["expires_at"] or "9") < write_time(NOW), id="expired"
        ),
        pytest.param(
            lambda role: (
                role["is_active"]
                and write_time(NOW) < (role["expires_at"] or "") < write_time(NOW + timedelta(days=7))
            ),
            id="expiring within a week",
        ),
        pytest.param(lambda role: role["is_active"] and role["expires_at"] is None, id="without an end"),
        pytest.param(lambda role: role["created_by"] is None, id="made by a service, or the first of all"),
    ],
)
def test_there_are_assignments_in_every_state(demo, is_one):
    assert len([role for role in demo["admin_roles"] if is_one(role)]) >= 2


def test_at_least_one_user_has_several_assignments(demo):
    several = Counter(role["user_id"] for role in demo["admin_roles"] if role["is_active"])

    assert max(several.values()) >= 3


@pytest.mark.parametrize("set_name", ["demo", "empty"])
def test_no_assignment_is_active_twice(request, set_name):
    roles = request.getfixturevalue(set_name)["admin_roles"]

    active = Counter(
        (role["user_id"], role["role"], role["partner_id"], role["tenant_id"])
        for role in roles
        if role["is_active"]
    )

    assert max(active.values()) == 1


def test_the_two_super_admins_hold_their_assignment_actively_and_without_an_end(demo, personas):
    for name in ("super-admin", "other-super-admin"):
        (held,) = (
            role
            for role in demo["admin_roles"]
            if role["user_id"] == personas[name].claims["sub"] and role["role"] == "SUPER_ADMIN"
        )
        assert held["is_active"] is True
        assert held["expires_at"] is None


def test_at_least_one_assignment_takes_its_user_with_it_when_it_is_deleted(demo):
    assert [role for role in demo["admin_roles"] if is_orphaned_without(role, demo)]


def test_some_second_account_is_kept_because_it_was_used(demo):
    users = by_id(demo["users"])
    emails = Counter(user["email"] for user in living(demo["users"]))

    used = [
        role
        for role in demo["admin_roles"]
        if emails[users[role["user_id"]]["email"]] > 1
        and users[role["user_id"]]["last_login_at"] is not None
        and not is_orphaned_without(role, demo)
    ]

    assert used


@pytest.mark.parametrize(
    "now",
    [datetime(2024, 1, 1, tzinfo=UTC), NOW, datetime(2040, 2, 29, 23, 59, 59, 999999, tzinfo=UTC)],
    ids=["in the past", "now", "far in the future"],
)
def test_expiring_soon_stays_true_by_any_clock(contract, now):
    roles = read_set(FIXTURES, "demo", contract, now)["admin_roles"]

    soon = [
        role
        for role in roles
        if role["is_active"]
        and write_time(now) < (role["expires_at"] or "") < write_time(now + timedelta(days=7))
    ]
    just_expired = [
        role
        for role in roles
        if write_time(now - timedelta(days=7)) < (role["expires_at"] or "") < write_time(now)
    ]

    assert len(soon) >= 3
    assert just_expired


# Groups


def test_the_groups_are_spread_over_the_tenants(demo):
    tenants = {group["tenant_id"] for group in demo["groups"]}

    assert len(tenants) >= 5


def test_there_are_groups_with_every_role_and_without_one(demo):
    roles = Counter(group["role"] for group in demo["groups"])

    assert roles.keys() == {None, "super_admin", "partner_admin", "tenant_admin"}
    assert roles[None] >= 3


def test_one_group_is_empty_and_one_has_twenty_five_members(demo):
    users = by_id(living(demo["users"]))

    counts = [len([m for m in group["member_ids"] if m in users]) for group in demo["groups"]]

    assert counts.count(0) == 1
    assert counts.count(25) == 1


def test_at_least_eight_members_of_groups_have_no_assignment(demo):
    with_one = {role["user_id"] for role in demo["admin_roles"]}
    members = {member for group in demo["groups"] for member in group["member_ids"]}

    without = members & by_id(living(demo["users"])).keys() - with_one

    assert len(without) >= 8


def test_the_tenant_of_the_group_manager_has_groups_and_so_have_others(demo, personas):
    tenant = personas["group-manager"].claims["tenant_id"]

    own = [group for group in demo["groups"] if group["tenant_id"] == tenant]

    assert len(own) >= 2
    assert len(demo["groups"]) - len(own) >= 2


def test_two_tenants_have_a_group_of_the_same_name(demo):
    names = Counter(group["name"] for group in demo["groups"])

    assert max(names.values()) > 1


def test_members_belong_to_the_tenant_of_their_group(demo):
    users = by_id(demo["users"])

    for group in demo["groups"]:
        assert {users[member]["tenant_id"] for member in group["member_ids"]} <= {group["tenant_id"]}


# What hangs together


@pytest.mark.parametrize("set_name", ["demo", "empty"])
@pytest.mark.parametrize(
    ("collection", "field", "target"),
    [
        ("tenants", "partner_id", "partners"),
        ("users", "tenant_id", "tenants"),
        ("admin_roles", "user_id", "users"),
        ("admin_roles", "partner_id", "partners"),
        ("admin_roles", "tenant_id", "tenants"),
        ("admin_roles", "created_by", "users"),
        ("groups", "tenant_id", "tenants"),
        ("groups", "member_ids", "users"),
    ],
)
def test_whatever_is_referred_to_is_there(request, set_name, collection, field, target):
    content = request.getfixturevalue(set_name)

    referred = set()
    for item in content[collection]:
        referred.update(item[field] if isinstance(item[field], list) else [item[field]])

    assert referred - {None} <= by_id(content[target]).keys()


@pytest.mark.parametrize("set_name", ["demo", "empty"])
def test_ids_are_a_prefix_and_16_lower_case_letters_and_digits(request, set_name):
    content = request.getfixturevalue(set_name)
    prefixes = {"partners": "prt", "tenants": "tnt", "users": "usr", "admin_roles": "adr", "groups": "grp"}

    for collection, items in content.items():
        assert len(by_id(items)) == len(items)
        for item in items:
            assert re.fullmatch(f"{prefixes[collection]}_[a-z0-9]{{16}}", item["id"])


def test_nothing_happened_before_what_it_needs(demo):
    users = by_id(demo["users"])

    for user in demo["users"]:
        for later in ("last_login_at", "deleted_at"):
            assert user[later] is None or user["created_at"] < user[later] < write_time(NOW), user
    for role in demo["admin_roles"]:
        moments = [
            users[role["user_id"]]["created_at"],
            role["created_at"],
            role["updated_at"],
            write_time(NOW),
        ]
        assert all(earlier <= later for earlier, later in pairwise(moments)), role


def test_every_time_is_utc_with_z_and_microseconds(demo):
    times = [
        value
        for items in demo.values()
        for item in items
        for name, value in item.items()
        if name.endswith("_at") and value is not None
    ]

    assert len(times) > 100
    assert [t for t in times if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", t)] == []


# The set empty


def test_the_empty_set_has_just_the_one_super_admin_who_can_sign_in(empty, personas):
    counts = {name: len(items) for name, items in empty.items()}

    assert counts == {"partners": 1, "tenants": 1, "users": 1, "admin_roles": 1, "groups": 0}
    (role,) = empty["admin_roles"]
    assert (role["role"], role["is_active"], role["expires_at"]) == ("SUPER_ADMIN", True, None)
    (user,) = empty["users"]
    assert user["id"] == role["user_id"] == personas["super-admin"].claims["sub"]
    assert (user["status"], user["deleted_at"]) == ("active", None)


def test_both_sets_know_the_super_admin_by_the_same_items(demo, empty):
    for collection in ("partners", "tenants", "users", "admin_roles"):
        (item,) = empty[collection]
        assert by_id(demo[collection])[item["id"]] == item


# Personas


def test_these_are_the_personas(personas):
    assert {persona.name for persona in personas} == {*PEOPLE, *SERVICES}
    assert all(persona.description for persona in personas)


@pytest.mark.parametrize("name", PEOPLE)
def test_a_persona_who_is_a_person_is_a_user_of_the_demo(personas, demo, name):
    claims = personas[name].claims
    user = by_id(living(demo["users"]))[claims["sub"]]

    assert user["status"] == "active"
    assert claims["tenant_id"] == user["tenant_id"]
    assert claims["partner_id"] == by_id(demo["tenants"])[user["tenant_id"]]["partner_id"]
    assert user["display_name"] in personas[name].description


def test_no_two_personas_are_the_same_person(personas):
    subs = [persona.claims["sub"] for persona in personas]

    assert len(set(subs)) == len(subs)


@pytest.mark.parametrize("name", [*PEOPLE, *SERVICES])
def test_a_persona_carries_the_claims_of_both_products(personas, name):
    claims = personas[name].claims

    assert claims.keys() == {
        *("sub", "role", "tenant_id", "partner_id", "scope", "client_id", "token_type", "platform_token"),
        *("iss", "aud", "roles", "permissions"),
    }
    assert claims["roles"] == ([] if claims["role"] is None else [claims["role"]])
    assert re.fullmatch(r"https://scaikey\.scailabs\.ai/tenants/tnt_[a-z0-9]{16}", claims["iss"])
    assert all(isinstance(claims[name], str) for name in ("sub", "scope", "client_id", "token_type", "aud"))
    assert isinstance(claims["platform_token"], bool)


@pytest.mark.parametrize("name", PEOPLE)
def test_the_issuer_is_the_tenant_of_the_person(personas, name):
    claims = personas[name].claims

    assert claims["iss"].rpartition("/")[2] == claims["tenant_id"]
    assert (claims["token_type"], claims["platform_token"]) == ("access", False)


@pytest.mark.parametrize(
    ("name", "role", "permissions"),
    [
        ("super-admin", "super_admin", []),
        ("other-super-admin", "super_admin", []),
        ("partner-admin", "partner_admin", []),
        ("tenant-admin", "tenant_admin", []),
        ("group-manager", "tenant_admin", ["admin:groups"]),
        ("viewer", "user", []),
        ("expired", "super_admin", []),
    ],
)
def test_a_person_has_one_role_and_the_group_manager_a_permission(personas, name, role, permissions):
    claims = personas[name].claims

    assert (claims["role"], claims["permissions"]) == (role, permissions)


@pytest.mark.parametrize(
    ("name", "scopes"),
    [
        ("service-reader", ["admin:read"]),
        ("service-writer", ["admin:read", "admin:write"]),
        ("service-without-scope", ["usage:write"]),
    ],
)
def test_a_service_has_a_platform_token_and_no_role(personas, name, scopes):
    claims = personas[name].claims

    assert (claims["token_type"], claims["platform_token"]) == ("client_credentials", True)
    assert claims["scope"].split() == scopes
    assert (claims["role"], claims["roles"], claims["permissions"]) == (None, [], [])
    assert not claims["sub"].startswith("usr_")


# Tokens


@pytest.mark.parametrize("name", [name for name in (*PEOPLE, *SERVICES) if name != "expired"])
def test_a_minted_token_carries_the_claims_for_3600_seconds(personas, name):
    clock = Clock(NOW)

    claims = verify(mint(personas[name], clock), clock)

    assert personas[name].lifetime == 3600
    assert claims == {
        **personas[name].claims,
        "iat": int(NOW.timestamp()),
        "exp": int(NOW.timestamp()) + 3600,
    }


@pytest.mark.parametrize(
    ("later", "is_good"),
    [
        (timedelta(0), True),
        (timedelta(seconds=3599), True),
        (timedelta(seconds=3600), False),
        (timedelta(days=1), False),
    ],
    ids=["at once", "a second before its end", "at its end", "the day after"],
)
def test_a_token_is_good_until_its_end_by_the_clock_of_the_mock(personas, later, is_good):
    token = mint(personas["viewer"], Clock(NOW))
    clock = Clock(NOW + later)

    if is_good:
        assert verify(token, clock)["sub"] == personas["viewer"].claims["sub"]
        return
    with pytest.raises(TokenRefused, match="has expired"):
        verify(token, clock)


def test_the_token_of_the_expired_persona_is_expired_when_it_is_minted(personas):
    clock = Clock(NOW)
    token = mint(personas["expired"], clock)

    with pytest.raises(TokenRefused, match="has expired"):
        verify(token, clock)
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["iat"] < claims["exp"] < NOW.timestamp()
    assert claims.items() >= personas["expired"].claims.items()


def test_a_token_names_the_key_that_verifies_it(personas):
    header = jwt.get_unverified_header(mint(personas["viewer"], Clock(NOW)))

    assert header["alg"] == "RS256"
    assert header["kid"].startswith("development-")
