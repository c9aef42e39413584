"""One good call of each operation, and the items of the demo set that the tests speak of."""

from dataclasses import dataclass
from typing import Any

import pytest

from mockserver.state.personas import Persona, mint

ROLES = "/api/v1/admin/admin-roles/"
GROUPS = "/api/v1/admin/groups"

HALDEN_MOOR = "prt_7py3lebcd7r2kfga"
LUMEN_HARBOUR = "prt_wo0f41w2p9w4d4l2"
BRACKWATER = "tnt_g6q4ou40g5piocfk"  # the tenant of the persona group-manager
ORCHARD_LANE = "tnt_w9ibqxqvdc9co19b"
VESPER_FINCH = "tnt_fti090dqzh6a8h5c"

CHIDI = "usr_le54mfshg9d7ywhm"  # without assignments
ELENA = "usr_pil7576291n7w0pt"  # with several
GARETH = "usr_2r5zve7aafwegbbk"  # suspended
OWENS_DELETED_ACCOUNT = "usr_jzv4205141kyirp5"
SOFIA = "usr_4m8ch7ysmz93szr5"
SOFIAS_SECOND_ACCOUNT = "usr_dy3n25c36pazdj7l"  # never used; its one assignment is adr_qeq2fed9d89qaaq6

AARONS_ROLE = "adr_k4rdq7pf3t4gw6tq"  # TENANT_ADMIN of Brackwater
ELENAS_ROLE = "adr_6u7kmp2whbnowl4m"  # PARTNER_ADMIN of Halden & Moor
SOFIAS_SECOND_ROLE = "adr_qeq2fed9d89qaaq6"

SERVICE_DESK = "grp_jm4ibq0s8drwqf09"  # of Brackwater, with the role tenant_admin
NIGHT_SHIFT = "grp_paiflqzep0u873s8"  # of Brackwater, without a role, empty
FOREIGN_GROUP = "grp_c6qy4lf2e6t2k5d9"  # of Vesper & Finch


@dataclass(frozen=True)
class Call:
    """A request that succeeds, and how it is answered: the status, and the names in the body."""

    operation_id: str
    method: str
    path: str
    json: Any = None
    status: int = 200
    envelope: tuple[str, ...] = ("data", "meta")

    def send(self, api, **options):
        if self.json is not None:
            options.setdefault("json", self.json)
        return api.request(self.method, self.path, **options)


ROLE_CALLS = (
    Call("listAdminRoles", "GET", ROLES, envelope=("data", "pagination", "meta")),
    Call(
        "createAdminRole",
        "POST",
        ROLES,
        {"user_id": CHIDI, "role": "TENANT_ADMIN", "tenant_id": BRACKWATER},
        status=201,
    ),
    Call("listUserAdminRoles", "GET", f"{ROLES}user/{ELENA}"),
    Call("getAdminRole", "GET", f"{ROLES}{AARONS_ROLE}"),
    Call("updateAdminRole", "PATCH", f"{ROLES}{AARONS_ROLE}", {"is_active": False}),
    Call("deleteAdminRole", "DELETE", f"{ROLES}{AARONS_ROLE}", status=204, envelope=()),
)
GROUP_CALLS = (
    Call("listGroups", "GET", GROUPS),
    Call("getGroup", "GET", f"{GROUPS}/{SERVICE_DESK}"),
    Call("assignGroupRole", "POST", f"{GROUPS}/{SERVICE_DESK}/role", {"role": "partner_admin"}),
    Call("revokeGroupRole", "DELETE", f"{GROUPS}/{SERVICE_DESK}/role"),
)
CALLS = ROLE_CALLS + GROUP_CALLS
WRITING = tuple(call for call in CALLS if call.json is not None)
READING = tuple(call for call in CALLS if call.method == "GET")


def each(calls: tuple[Call, ...]) -> Any:
    """Run a test once for each call, under its operationId."""
    return pytest.mark.parametrize("call", calls, ids=lambda call: call.operation_id)


def bearer(api, **claims) -> dict[str, str]:
    """Give the header of somebody who is no persona, with just these claims."""
    token = mint(Persona("somebody", "", claims), api.mock.world.clock)
    return {"Authorization": f"Bearer {token}"}


def remembered(api) -> dict[str, Any]:
    """Give all that the mock remembers, to see that a refusal changed nothing."""
    return api.mock.world.store.export()
