"""What may be settled differently for each sandbox, and changed while the mock runs."""

from dataclasses import dataclass
from typing import Literal

RequestMode = Literal["strict", "enforce", "report", "off"]
ResponseMode = Literal["enforce", "report", "off"]
AuthMode = Literal["verify", "present", "off"]
HeaderMode = Literal["explain", "quiet"]


@dataclass(frozen=True, slots=True)
class Settings:
    """
    What is done about a contract that is broken, about tokens, and what answers say of themselves.

    ``requests``: ``enforce`` refuses them with every violation at once, ``strict`` refuses query parameters
    too that the contract lacks, ``report`` notes and lets pass what it can, ``off`` lets pass in silence;
    where a handler cannot do with what was let pass, both refuse after all.

    ``responses``: ``enforce`` answers 500 and undoes what was written, ``report`` notes, ``off`` does not
    look.

    ``auth``: ``verify`` holds tokens against the key and the clock, ``present`` takes any well-formed
    credential, ``off`` asks for none.

    ``headers``: ``explain`` tells in every answer how it was made, ``quiet`` does not.

    ``log``: whether each request is written as a line, where lines are written at all.
    """

    requests: RequestMode = "enforce"
    responses: ResponseMode = "enforce"
    auth: AuthMode = "verify"
    headers: HeaderMode = "explain"
    log: bool = True
