"""Failures that are not the server's: what the document leaves out, and what a request cannot say."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from schemathesis.core.failures import AcceptedNegativeData, Failure
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.case import Case
from schemathesis.generation.meta import CoveragePhaseData, CoverageScenario
from schemathesis.openapi.checks import (
    AuthScenario,
    IgnoredAuth,
    RejectedPositiveData,
    UndefinedStatusCode,
)

from mockserver.contract.media.media_types import kind_of
from mockserver.contract.operation import Contract, Operation
from mockserver.contract.pointers import escape
from mockserver.prove.texts import (
    FORMS,
    TEXT_BODIES,
    has_unwritable_values,
    is_empty,
    is_unwritable,
    schema_at,
    takes_any_text,
)
from mockserver.serve.security import fault_of

# Statuses that one of the other stands for: either says that a request breaks the contract.
_ALIKE = {400: "422", 422: "400"}

_CONDITIONS = frozenset({"if-match", "if-none-match", "if-modified-since", "if-unmodified-since"})

# How the mock answers requests, whatever is declared: the contract or HTTP asks for it.
_ITS_OWN = (400, 401, 403, 404, 405, 406, 409, 412, 413, 415, 422, 428)

_UNVERIFIABLE = (
    "ignored_auth where an API key or a password is asked for: the mock takes any that is present, since it "
    "has nothing to hold one against"
)
_INVISIBLE = "ignored_auth where nothing is asked for that a request could show, but a certificate, say"
_UNWRITABLE = "positive_data_acceptance of a value that the parameter's style has no form for"
_UNWRITABLE_FORM = (
    "positive_data_acceptance of an empty list or an object in a form, which has no one form for it"
)
_UNMET = "positive_data_acceptance of a condition such as If-Match that does not hold"
_OUTSIDE = "positive_data_acceptance of a value that a link brought, and that breaks the parameter's schema"
_NOT_WRITTEN = (
    "negative_data_rejection of a required object that is not there: without properties it is not written"
)
_NO_ANSWER = "status_code_conformance where the contract declares no answer at all"
_NO_SUCCESS = "positive_data_acceptance where the contract declares no success"
_ONLY_TEXT = (
    "negative_data_rejection of a value of another type where everything is text: it reads like a good one"
)


class Excuses:
    """
    Tell which failures are no fault of a server: what a request cannot say cannot be held against it.

    ``handled`` are the operations of a mock with a handler: whoever writes one declares what it answers.
    """

    def __init__(self, contract: Contract, handled: Collection[str] = ()) -> None:
        self._contract = contract
        self._handled = handled

    def judge(self, failure: Failure, case: Case[Any], operation: Operation) -> str | None:
        """Give the situation in which a failure is not to be believed, in words; ``None`` if it is."""
        if isinstance(failure, UndefinedStatusCode) and not operation.responses:
            return _NO_ANSWER
        if isinstance(failure, RejectedPositiveData):
            return self._of_a_refusal(failure, case, operation)
        if isinstance(failure, AcceptedNegativeData):
            if self._is_missing_an_empty_one(case, operation):
                return _NOT_WRITTEN
            changed = list(_changed_types(case))
            told = changed and not any(self._shows(case, operation, *each) for each in changed)
            return _ONLY_TEXT if told else None
        return None

    def judge_mock(self, failure: Failure, case: Case[Any], operation: Operation) -> str | None:
        """Give the same for a mock, which answers what it has to, declared or not."""
        if isinstance(failure, IgnoredAuth):
            return self._of_authentication(failure, operation)
        if isinstance(failure, UndefinedStatusCode):
            return self._of_a_gap(failure.status_code, operation)
        return self.judge(failure, case, operation)

    def _of_authentication(self, failure: IgnoredAuth, operation: Operation) -> str | None:
        named = [name for requirement in operation.security for name in requirement]
        schemes = [self._contract.security_schemes.get(name) for name in named]
        if all(fault_of(each) is not None or _kind(each) == "mutualtls" for each in schemes):
            return _INVISIBLE
        if failure.scenario is not AuthScenario.NO_AUTH and any(map(_is_unverifiable, schemes)):
            return _UNVERIFIABLE
        return None

    def _of_a_refusal(
        self, failure: RejectedPositiveData, case: Case[Any], operation: Operation
    ) -> str | None:
        if failure.status_code == 412 and not _CONDITIONS.isdisjoint(map(str.lower, case.headers or {})):
            return _UNMET
        if operation.operation_id not in self._handled and not declares_success(operation):
            return _NO_SUCCESS
        if is_unwritable(self._contract, operation, _sent(case)):
            return _UNWRITABLE
        if self._is_outside(case, operation):
            return _OUTSIDE
        media_type = (case.media_type or "").lower()
        is_lost = media_type in FORMS and has_unwritable_values(case.body, media_type)
        return _UNWRITABLE_FORM if is_lost else None

    def _is_outside(self, case: Case[Any], operation: Operation) -> bool:
        """Tell whether a link put a number into a path that its own schema refuses."""
        given = case.path_parameters or {}
        return any(
            each.pointer is not None
            and isinstance(given.get(each.name), (int, float))
            and not self._contract.schemas.at(each.pointer, "request").is_valid(given[each.name])
            for each in operation.parameters
            if each.location == "path"
        )

    def _is_missing_an_empty_one(self, case: Case[Any], operation: Operation) -> bool:
        data: Any = case.meta.phase.data if case.meta is not None else None
        if getattr(data, "scenario", None) is not CoverageScenario.MISSING_PARAMETER:
            return False
        return any(
            each.name == data.parameter
            and each.location == _place(data.parameter_location)
            and each.pointer is not None
            and (each.style == "deepObject" or (each.style == "form" and each.explode))
            and self._contract.schemas.at(each.pointer, "request").is_valid({})
            for each in operation.parameters
        )

    def _of_a_gap(self, status: int, operation: Operation) -> str | None:
        declared = operation.responses
        is_lacking = not declared or (status < 300 and not declares_success(operation))
        if not is_lacking and (operation.operation_id in self._handled or status not in _ITS_OWN):
            return None
        if status >= 500 or _ALIKE.get(status) in declared:
            return None
        return f"status_code_conformance of {status}, which has to be answered and is not declared"

    def _shows(self, case: Case[Any], operation: Operation, place: str, name: str | None, inner: str) -> bool:
        """Tell whether a request shows the type of a value."""
        if place == "body":
            content = operation.request_body.content if operation.request_body else {}
            found = content.get((case.media_type or "").lower())
            if found is None:
                return True
            if kind_of(found.name) == "xml":
                return not is_empty(case.body, inner)
            if found.name.lower() not in TEXT_BODIES:
                return True
            pointer = found.pointer
        else:
            parameters = [
                each for each in operation.parameters if (each.location, each.name) == (place, name)
            ]
            if not parameters or parameters[0].media_type is not None:
                return True
            pointer = parameters[0].pointer
        return not takes_any_text(self._contract, schema_at(self._contract, pointer, inner))


def declares_success(operation: Operation) -> bool:
    """Tell whether a contract says anywhere how an operation succeeds; of one without answers it does not."""
    return any(status == "default" or status[0] in "23" for status in operation.responses)


def _kind(scheme: Any) -> str:
    return str(scheme.get("type", "")).lower()


def _is_unverifiable(scheme: Any) -> bool:
    if fault_of(scheme) is not None:
        return True
    return _kind(scheme) in ("apikey", "mutualtls") or (
        _kind(scheme) == "http" and str(scheme["scheme"]).lower() != "bearer"
    )


def _sent(case: Case[Any]) -> Mapping[str, Mapping[str, Any]]:
    return {
        "path": case.path_parameters or {},
        "query": case.query or {},
        "header": dict(case.headers or {}),
        "cookie": case.cookies or {},
    }


def _changed_types(case: Case[Any]) -> Iterator[tuple[str, str | None, str]]:
    """
    Give where the types of values were changed: the place, the parameter, the pointer inside its schema.

    Nothing is given where something else was changed, too.
    """
    data: Any = case.meta.phase.data if case.meta is not None else None
    if isinstance(data, CoveragePhaseData):
        if data.scenario is CoverageScenario.INCORRECT_TYPE and data.parameter_location is not None:
            inner = (data.location or "").removesuffix("/type")
            yield _place(data.parameter_location), data.parameter, inner
        return
    mutations = getattr(data, "mutations", ())
    if all(mutation.keywords == ("type",) for mutation in mutations):
        for each in mutations:
            name = each.parameter or (str(each.path[0]) if each.path else None)
            inner = each.schema_pointer
            if each.parameter_location is not ParameterLocation.BODY:
                inner = inner.removeprefix(f"/properties/{escape(name or '')}")
            yield _place(each.parameter_location), name, inner


def _place(location: ParameterLocation) -> str:
    return str(location.value)
