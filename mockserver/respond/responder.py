"""The handler nobody wrote: it answers an operation from what the contract says, and what is remembered."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mockserver.contract.media.media_types import is_json, is_range, kind_of, match, sent_as
from mockserver.contract.media.negotiation import negotiate
from mockserver.contract.operation import Contract, MediaType, Operation, ResponseType
from mockserver.contract.pointers import resolve
from mockserver.contract.resources.fitting import Fitting
from mockserver.respond.exchange import Request, Response
from mockserver.respond.headers import HeaderWriter
from mockserver.respond.matching import Match, Matching
from mockserver.respond.preferences import Preferences
from mockserver.respond.problems import Problem
from mockserver.respond.stateful.handlers import Stateful
from mockserver.state.store import Store


class Responder:
    """
    Answer one operation, by the first of these that it has:

    1. what the request prefers (``Prefer``), which is never stored;
    2. the example of an error that belongs to the request (see ``Matching``);
    3. state, where its path belongs to a collection;
    4. the example of success that belongs to the request, else the first that is declared and valid;
    5. a sample of the declared schema: the same for the same seed and the same path.

    An answer says in ``source`` and ``notes`` which it was. ``stateful`` has the handlers of all collections.
    Calls raise ``Unsatisfiable`` where nothing fits the schema of an answer.
    """

    def __init__(self, contract: Contract, operation: Operation, stateful: Stateful | None = None) -> None:
        self._contract = contract
        self._operation = operation
        self._stateful = stateful.handler(operation, self._from_contract) if stateful else None
        self.is_stateful = self._stateful is not None
        self._matching = Matching(contract, operation)
        self._headers = HeaderWriter(contract)
        self._fitting = Fitting(contract)
        self._examples: dict[tuple[str, str], Any] = {}

    def __call__(self, request: Request, store: Store) -> Response:
        match = self._matching.find(request)
        if match is not None and match.is_refusal:
            return self._of_match(match, request)
        if self._stateful is not None:
            request.example = match.value if match is not None and match.is_of_body else None
            response = self._stateful(request, store)
            response.source = response.source or "state"
            declared = self._operation.response(response.status)
            if declared is not None:
                if declared.headers:
                    response.headers = self._headers.complete(
                        declared, response.headers, self._own_seed(request)
                    )
                if len(declared.content) > 1:
                    response = self._accepted(declared, response, request)
            return response
        return self._from_contract(request, store)

    def _from_contract(self, request: Request, _store: Store) -> Response:
        match = self._matching.find(request)
        if match is not None:
            return self._of_match(match, request)
        status, declared = self._success()
        return self._declared(status, declared, request, None, self._seed_of(request))

    def prefer(self, preferences: Preferences, request: Request) -> Response:
        """
        Answer as a request prefers: from the contract alone.

        Raises:
            Problem: 400 for a status or an example that the operation does not declare; and the error that is
                preferred, where the contract has no example of it.
        """
        seed = self._seed_of(request) if preferences.seed is None else preferences.seed
        if preferences.code is None:
            status, declared = self._success()
            if preferences.example is not None:
                status, declared = self._with_example(preferences.example)
        else:
            status = preferences.code
            found = self._operation.response(status)
            if found is None:
                known = ", ".join(self._operation.responses) or "none"
                text = f"Prefer: code={status} is not declared for {self._operation.operation_id}"
                raise Problem(400, f"{text}; declared are {known}.")
            declared = found
        if preferences.dynamic:
            # Without a seed of its own every answer is another: no two requests come at one time.
            return self._sampled(status, declared, request, None, preferences.seed or request.now)
        chosen = self._media_type(declared, request)
        is_unwritten = chosen is not None and is_json(chosen.name) and not chosen.examples
        if status >= 400 and preferences.example is None and is_unwritten:
            # A sample would say anything but what went wrong.
            headers = self._headers.complete(declared, {}, seed)
            raise Problem(status, f"The request prefers {status}.", headers=headers)
        return self._declared(status, declared, request, preferences.example, seed)

    def _success(self) -> tuple[int, ResponseType]:
        """Give what is declared for success, the most likely: 2XX, ``default``, redirects, anything."""
        numbered = [
            (int(status.replace("XX", "00")), response)
            for status, response in self._operation.responses.items()
            if status != "default"
        ]
        successes = sorted((s for s in numbered if 200 <= s[0] < 300), key=lambda each: each[0])
        others = sorted((s for s in numbered if s[0] >= 300), key=lambda each: each[0])
        default = self._operation.responses.get("default")
        if successes:
            return successes[0]
        if default is not None:
            return 200, default
        if others:
            return others[0]
        return 204, _UNDECLARED

    def _with_example(self, name: str) -> tuple[int, ResponseType]:
        """Find the response that has an example of a name, those of success first."""
        status, declared = self._success()
        if any(name in media_type.examples for media_type in declared.content.values()):
            return status, declared
        known: dict[str, None] = {}
        for key, response in self._operation.responses.items():
            for media_type in response.content.values():
                known.update(dict.fromkeys(filter(None, media_type.examples)))
                if name in media_type.examples:
                    return (500 if key == "default" else int(key.replace("XX", "00"))), response
        text = f"Prefer: example={name} is not declared for {self._operation.operation_id}"
        raise Problem(400, f"{text}; declared are {', '.join(known) or 'none'}.")

    def _declared(
        self, status: int, declared: ResponseType, request: Request, wanted: str | None, seed: str
    ) -> Response:
        """Answer with a declared example: the one that is wanted, else the first; else with a sample."""
        chosen = self._media_type(declared, request)
        if wanted is not None and chosen is not None and wanted not in chosen.examples:
            chosen = next((each for each in declared.content.values() if wanted in each.examples), chosen)
            if wanted not in chosen.examples:
                known = ", ".join(filter(None, chosen.examples)) or "none"
                text = f"Prefer: example={wanted} is not declared for {self._operation.operation_id}"
                raise Problem(400, f"{text} {status}; declared are {known}.")
        if chosen is None or not chosen.examples:
            return self._sampled(status, declared, request, chosen, seed)
        name = next(iter(chosen.examples)) if wanted is None else wanted
        return self._of_example(status, declared, chosen, name, seed)

    def _of_match(self, match: Match, request: Request) -> Response:
        declared = self._operation.responses[match.status]
        status = 200 if match.status == "default" else int(match.status.replace("XX", "00"))
        media_type = next(each for each in declared.content.values() if each.name == match.media_type)
        response = self._of_example(status, declared, media_type, match.name, self._seed_of(request))
        response.notes = (*response.notes, f"since {match.why}")
        return response

    def _of_example(
        self, status: int, declared: ResponseType, media_type: MediaType, name: str, seed: str
    ) -> Response:
        """Answer with an example; one that breaks its own schema is mended by a sample, and that is noted."""
        body = self._shown(media_type, name)
        notes: tuple[str, ...] = ()
        called = f'example "{name}"' if name else "example"
        if media_type.pointer is not None and not isinstance(body, bytes):
            schema = self._contract.schemas.at(media_type.pointer, "response")
            if not schema.is_valid(body):
                notes = (f"the contract's {called} breaks its schema; a sample mends it",)
                body = self._contract.samples.complete(media_type.pointer, body, seed)
        headers = self._headers.complete(declared, {}, seed)
        return Response(body, status, headers, media_type.name, source=called, notes=notes)

    def _shown(self, media_type: MediaType, name: str) -> Any:
        """Give an example without what is only written."""
        example, pointer = media_type.examples[name], media_type.pointer
        if pointer is None or isinstance(example, bytes):
            return example
        if (pointer, name) not in self._examples:
            self._examples[pointer, name] = self._fitting.shown(pointer, example)
        return self._examples[pointer, name]

    def _sampled(
        self, status: int, declared: ResponseType, request: Request, chosen: MediaType | None, seed: str
    ) -> Response:
        chosen = chosen or self._media_type(declared, request)
        headers = self._headers.complete(declared, {}, seed)
        if chosen is None:
            notes = ("the contract declares no response",) if declared is _UNDECLARED else ()
            return Response(None, status, headers, source="contract", notes=notes)
        if chosen.pointer is None:
            return Response(_nothing_of(chosen.name), status, headers, chosen.name, source="sample")
        body = self._contract.samples.sample(chosen.pointer, seed)
        body = self._echoed(chosen.pointer, body, request)
        return Response(body, status, headers, chosen.name, source="sample")

    def _echoed(self, pointer: str, body: Any, request: Request) -> Any:
        """Say back in a sample what the request names: the id in its path, the properties of its body."""
        if not isinstance(body, dict):
            return body
        named = {} if not isinstance(request.body, dict) else dict(request.body)
        for name, value in request.path.items():
            named.setdefault(name, value)
        if request.path:
            name, value = list(request.path.items())[-1]
            if name not in body and name.lower().endswith("id"):
                named["id"] = value
        schema = self._contract.schemas.at(pointer, "response")
        for name, value in named.items():
            if name in body and body[name] != value:
                tried = {**body, name: value}
                body = tried if schema.is_valid(tried) else body
        return body

    def _media_type(self, declared: ResponseType, request: Request) -> MediaType | None:
        """Give the media type that the client accepts best; of errors, that it accepts none of, the first."""
        if not declared.content:
            return None
        offered = list(declared.content.values())
        if len(offered) == 1 and not is_range(offered[0].name):
            return offered[0]
        name = negotiate(request.accept, [each.name for each in offered])
        found = match(declared.content, name) if name is not None else None
        return offered[0] if found is None or name is None else replace(found, name=name)

    def _accepted(self, declared: ResponseType, response: Response, request: Request) -> Response:
        """
        Give what state answered in the media type that the client accepts best, if that has its schema.

        In another it cannot be written; a client that accepts no other gets what the contract has in it.
        """
        name = response.media_type
        made = match(declared.content, name) if name else _json_of(declared)
        wanted = self._media_type(declared, request)
        if made is None or wanted is None:
            return response
        if self._is_alike(made, wanted) or negotiate(request.accept, [made.name]) is not None:
            response.media_type = wanted.name if self._is_alike(made, wanted) else made.name
            return response
        written = self._declared(response.status, declared, request, None, self._seed_of(request))
        written.headers = {**written.headers, **response.headers}
        return written

    def _is_alike(self, made: MediaType, wanted: MediaType) -> bool:
        """Tell whether what was made for one media type can be written in another as well."""
        if made.name == wanted.name:
            return True
        if made.pointer is None or wanted.pointer is None:
            return wanted.pointer is None and kind_of(wanted.name) in ("json", "lines", "xml", "yaml", "csv")
        data = self._contract.data
        return bool(resolve(data, made.pointer, follow=False) == resolve(data, wanted.pointer, follow=False))

    def _seed_of(self, request: Request) -> str:
        values = "|".join(f"{name}={value}" for name, value in request.path.items())
        own = self._own_seed(request)
        return f"{own}|{values}" if values else own

    def _own_seed(self, request: Request) -> str:
        return f"{request.seed}|{self._operation.operation_id}"


def describe(operation: Operation) -> str:
    """Say how an operation without a handler and without state is answered: ``example`` or ``sample``."""
    success: Mapping[str, ResponseType] = {s: r for s, r in operation.responses.items() if s[0] in "2d"}
    examples = [name for r in success.values() for m in r.content.values() for name in m.examples]
    return "example" if examples else "sample"


# What an operation answers that declares nothing.
_UNDECLARED = ResponseType("204", {}, {})


def _json_of(declared: ResponseType) -> MediaType | None:
    return next((each for name, each in declared.content.items() if is_json(sent_as(name))), None)


def _nothing_of(media_type: str) -> Any:
    """Give a body for a media type of which the contract says no more."""
    return {} if is_json(sent_as(media_type)) else ""
