"""A document of OpenAPI 2.0 is served as one of 3.0, and its defects are told where they were written."""

from pathlib import Path
from typing import Any

import pytest

from mockserver.contract.loading.document import load
from mockserver.contract.operation import Contract, Operation
from mockserver.serve.assembly import Setup
from tests.conftest import in_process

DOCUMENT = """
swagger: '2.0'
info: {title: Pets, version: '1'}
host: api.example
basePath: /v1
schemes: [https, http]
consumes: [application/json]
produces: [application/json, application/xml]
securityDefinitions:
  password: {type: basic}
  key: {type: apiKey, name: X-Key, in: header}
  login:
    {type: oauth2, flow: accessCode, authorizationUrl: https://a.example, tokenUrl: https://t.example,
     scopes: {read: Read}}
security: [{key: []}]
parameters:
  Limit: {name: limit, in: query, type: integer, maximum: 10}
  NewPet: {name: pet, in: body, required: true, schema: {$ref: '#/definitions/Pet'}}
responses:
  Missing: {description: None., schema: {$ref: '#/definitions/Error'}}
definitions:
  Pet:
    discriminator: kind
    required: [kind]
    properties:
      kind: {type: string}
      name: {type: string, x-nullable: true}
      parent: {$ref: '#/definitions/Pet'}
  Error: {properties: {message: {type: string}}}
paths:
  /pets:
    get:
      operationId: listPets
      parameters:
        - $ref: '#/parameters/Limit'
        - {name: a, in: query, type: array, items: {type: integer}}
        - {name: b, in: query, type: array, items: {type: integer}, collectionFormat: multi}
        - {name: c, in: query, type: array, items: {type: integer}, collectionFormat: pipes}
        - {name: d, in: query, type: array, items: {type: integer}, collectionFormat: ssv}
      responses:
        200:
          description: All.
          headers: {X-Total: {type: integer}}
          schema: {type: array, items: {$ref: '#/definitions/Pet'}}
          examples: {application/json: [{kind: dog}]}
        404: {$ref: '#/responses/Missing'}
    post:
      operationId: addPet
      parameters: [{$ref: '#/parameters/NewPet'}]
      responses: {204: {description: Done.}}
  /pets/{id}/photo:
    parameters: [{name: id, in: path, required: true, type: string}]
    put:
      operationId: addPhoto
      consumes: [multipart/form-data]
      parameters:
        - {name: file, in: formData, type: file, required: true}
        - {name: tags, in: formData, type: array, items: {type: string}, collectionFormat: multi}
      responses: {204: {description: Done.}}
    get:
      operationId: getPhoto
      produces: [image/png]
      responses: {200: {description: It., schema: {type: file}}}
"""


@pytest.fixture
def contract(tmp_path: Path) -> Contract:
    return loaded(tmp_path, DOCUMENT)


def loaded(folder: Path, text: str) -> Contract:
    path = folder / "swagger.yaml"
    path.write_text(text, encoding="utf-8")
    return load(path)


def parameter(operation: Operation, name: str) -> tuple[str, bool]:
    (found,) = (each for each in operation.parameters if each.name == name)
    return found.style, found.explode


def schema_of(contract: Contract, pointer: str | None) -> Any:
    assert pointer is not None
    return contract.schemas.at(pointer, "request")


def test_what_is_written_in_2_0_has_no_defect(contract):
    assert contract.defects == ()
    assert (contract.dialect, contract.base_path) == ("3.0", "/v1")


def test_every_way_to_separate_a_list_has_its_style(contract):
    operation = contract.by_id["listPets"]

    assert [parameter(operation, name) for name in "abcd"] == [
        ("form", False),
        ("form", True),
        ("pipeDelimited", False),
        ("spaceDelimited", False),
    ]


def test_a_parameter_in_the_body_is_the_body_in_all_that_is_consumed(contract):
    body = contract.by_id["addPet"].request_body

    assert body is not None
    assert body.required
    assert list(body.content) == ["application/json"]
    schema = schema_of(contract, body.content["application/json"].pointer)
    assert schema.is_valid({"kind": "dog", "name": None})
    assert not schema.is_valid({"kind": "dog", "parent": {}})


def test_form_data_is_a_body_with_a_property_for_each(contract):
    body = contract.by_id["addPhoto"].request_body

    assert body is not None
    assert list(body.content) == ["multipart/form-data"]
    schema = schema_of(contract, body.content["multipart/form-data"].pointer)
    assert schema.is_valid({"file": "x", "tags": ["a"]})
    assert not schema.is_valid({"tags": ["a"]})


def test_a_response_has_its_schema_in_all_that_is_produced_and_its_examples(contract):
    responses = contract.by_id["listPets"].responses

    assert {name: dict(each.examples) for name, each in responses["200"].content.items()} == {
        "application/json": {"": [{"kind": "dog"}]},
        "application/xml": {},
    }
    assert list(responses["200"].headers) == ["x-total"]
    assert list(responses["404"].content) == ["application/json", "application/xml"]
    assert list(contract.by_id["getPhoto"].responses["200"].content) == ["image/png"]


def test_security_definitions_are_security_schemes(contract):
    schemes = contract.security_schemes

    assert schemes["password"] == {"type": "http", "scheme": "basic"}
    assert schemes["key"] == {"type": "apiKey", "name": "X-Key", "in": "header"}
    assert schemes["login"]["flows"]["authorizationCode"]["scopes"] == {"read": "Read"}


def test_a_document_of_2_0_is_served(tmp_path):
    path = tmp_path / "swagger.yaml"
    path.write_text(DOCUMENT, encoding="utf-8")

    with in_process(Setup(contract=path)) as api:
        refused = api.get("/v1/pets")
        answered = api.get("/v1/pets", headers={"X-Key": "k"}, params={"c": "1|2", "limit": 3})
        wrong = api.post("/v1/pets", headers={"X-Key": "k"}, json={"name": 5})

    assert refused.status_code == 401
    assert answered.json() == [{"kind": "dog"}]
    assert wrong.status_code == 422


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "maximum: 10",
            "maximum: ten",
            'parameters.Limit.maximum: is "ten"; it should be a number.',
        ),
        (
            "Error: {properties: {message: {type: string}}}",
            "Error: {properties: {message: {type: txt}}}",
            'definitions.Error.properties.message.type: is "txt"; it should be one of',
        ),
        (
            "schema: {type: array, items: {$ref: '#/definitions/Pet'}}",
            "schema: {type: array, items: {$ref: '#/definitions/Pat'}}",
            "paths./pets.get.responses.200.schema.items: #/definitions/Pat refers to nothing.",
        ),
        ("type: basic", "type: simple", 'securityDefinitions.password: type is "simple"; it may be'),
        (
            "collectionFormat: pipes",
            "collectionFormat: tsv",
            "paths./pets.get.parameters.3.style: style of c is",
        ),
    ],
    ids=["a parameter", "a definition", "a reference", "a scheme", "a format of a collection"],
)
def test_a_defect_has_the_place_and_line_where_it_was_written(tmp_path, old, new, said):
    text = DOCUMENT.replace(old, new)
    line = next(n for n, each in enumerate(text.splitlines(), 1) if new in each)

    (defect,) = loaded(tmp_path, text).defects

    assert str(defect).startswith(f"swagger.yaml:{line}  {said}")


REFERRING = """\
swagger: '2.0'
info: {title: Pets, version: '1'}
paths:
  /pets:
    post:
      operationId: addPet
      produces: [application/json]
      parameters: [{in: body, name: pet, schema: {type: object, properties: {n: {type: integer}}}}]
      responses: {'200': {description: x, schema: {type: string}}}
  /dogs:
    get:
      operationId: getDog
      produces: [application/json]
      responses: {'200': {description: x, schema: {$ref: REFERENCE}}}
"""


@pytest.mark.parametrize(
    ("reference", "fit", "unfit"),
    [
        pytest.param("#/paths/~1pets/post/responses/200/schema", "a", 1, id="a response"),
        pytest.param("#/paths/~1pets/post/parameters/0/schema", {"n": 1}, {"n": "a"}, id="a body"),
        pytest.param("#/paths/~1pets/post/parameters/0/schema/properties/n", 1, "a", id="a part of one"),
    ],
)
def test_a_reference_into_a_path_leads_to_where_its_schema_stands_now(tmp_path, reference, fit, unfit):
    contract = loaded(tmp_path, REFERRING.replace("REFERENCE", f"'{reference}'"))
    answer = contract.by_id["getDog"].responses["200"].content["application/json"]
    schema = schema_of(contract, answer.pointer)

    assert contract.defects == ()
    assert (schema.is_valid(fit), schema.is_valid(unfit)) == (True, False)


def test_a_reference_to_what_is_no_more_is_told(tmp_path):
    (defect,) = loaded(tmp_path, REFERRING.replace("REFERENCE", "'#/paths/~1pets/post/parameters/0'")).defects

    assert defect.line == 8
    assert "leads to nothing once this is said in OpenAPI 3" in defect.text
