"""Items of collections that nobody declared: put past the API, and there for the API."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from mockserver.client import Control, ControlError
from mockserver.serve.assembly import Setup
from mockserver.serve.server import running

SHELVES = """
openapi: 3.1.0
info: {title: Shelves, version: '1'}
paths:
  /shelves:
    get:
      operationId: listShelves
      responses:
        '200':
          description: All shelves.
          content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Shelf'}}}}
    post:
      operationId: createShelf
      requestBody: {content: {application/json: {schema: {$ref: '#/components/schemas/Shelf'}}}}
      responses:
        '201':
          description: Made.
          content: {application/json: {schema: {$ref: '#/components/schemas/Shelf'}}}
  /shelves/{shelf}:
    parameters: [{name: shelf, in: path, required: true, schema: {type: integer}}]
    get:
      operationId: getShelf
      responses:
        '200':
          description: The shelf.
          content: {application/json: {schema: {$ref: '#/components/schemas/Shelf'}}}
        '404': {description: There is none.}
  /shelves/{shelf}/books:
    parameters: [{name: shelf, in: path, required: true, schema: {type: integer}}]
    get:
      operationId: listBooks
      responses:
        '200':
          description: Its books.
          content: {application/json: {schema: {type: array, items: {$ref: '#/components/schemas/Book'}}}}
  /shelves/{shelf}/books/{book}:
    parameters:
      - {name: shelf, in: path, required: true, schema: {type: integer}}
      - {name: book, in: path, required: true, schema: {type: string}}
    get:
      operationId: getBook
      responses:
        '200':
          description: The book.
          content: {application/json: {schema: {$ref: '#/components/schemas/Book'}}}
        '404': {description: There is none.}
    delete:
      operationId: deleteBook
      responses:
        '204': {description: Gone.}
        '404': {description: There is none.}
components:
  schemas:
    Shelf:
      type: object
      required: [id]
      properties: {id: {type: integer}, name: {type: string}}
    Book:
      type: object
      required: [id, title]
      properties: {id: {type: string}, title: {type: string}}
"""


@pytest.fixture(scope="module")
def control(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Control]:
    path: Path = tmp_path_factory.mktemp("shelves") / "shelves.yaml"
    path.write_text(SHELVES)
    with running(Setup(contract=path)) as (_, url):
        yield Control(url)


@pytest.fixture(autouse=True)
def _anew(control: Control) -> None:
    control.reset_sandbox()


def test_an_id_that_only_the_path_says_is_a_number_where_the_schema_wants_one(control):
    stored = control.put_item("shelves", 77, {"name": "Poems"})

    assert stored["id"] == 77
    assert httpx.get(f"{control.url}/shelves/77").json() == {"id": 77, "name": "Poems"}


def test_an_item_that_is_put_lies_under_what_its_key_says(control):
    (books,) = [each["name"] for each in control.list_collections() if each["name"] != "shelves"]
    control.put_item("shelves", 77, {"name": "Poems"})

    control.put_item(books, "77/b1", {"title": "Odes"})

    assert httpx.get(f"{control.url}/shelves/77/books/b1").json() == {"id": "b1", "title": "Odes"}
    assert httpx.get(f"{control.url}/shelves/77/books").json() == [{"id": "b1", "title": "Odes"}]


def test_an_item_that_is_replaced_stays_where_it_lies(control):
    (books,) = [each["name"] for each in control.list_collections() if each["name"] != "shelves"]
    control.put_item("shelves", 77, {"name": "Poems"})
    control.put_item(books, "77/b1", {"title": "Odes"})

    control.put_item(books, "77/b1", {"id": "b1", "title": "More odes"})

    assert httpx.get(f"{control.url}/shelves/77/books/b1").json()["title"] == "More odes"


def test_an_item_that_says_it_lies_elsewhere_is_refused(control):
    (books,) = [each["name"] for each in control.list_collections() if each["name"] != "shelves"]

    with pytest.raises(ControlError) as refused:
        control.put_item(books, "77/b1", {"id": "b2", "title": "Odes"})

    assert refused.value.status == 409


def test_what_the_api_deleted_is_not_there_for_the_control_api(control):
    (books,) = [each["name"] for each in control.list_collections() if each["name"] != "shelves"]
    control.put_item("shelves", 77, {"name": "Poems"})
    control.put_item(books, "77/b1", {"title": "Odes"})

    assert httpx.delete(f"{control.url}/shelves/77/books/b1").status_code == 204

    with pytest.raises(ControlError) as refused:
        control.get_item(books, "77/b1")
    assert refused.value.status == 404
