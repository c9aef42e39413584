"""A file that is known as a text is a file of its media type."""

import base64
import zipfile
from io import BytesIO

import pytest

from mockserver.contract.media.file_contents import as_file


@pytest.mark.parametrize(
    ("media_type", "signature"),
    [
        ("image/png", b"\x89PNG\r\n\x1a\n"),
        ("image/gif", b"GIF89a"),
        ("image/jpeg; q=1", b"\xff\xd8\xff"),
        ("application/pdf", b"%PDF-"),
        ("image/svg+xml", b"<svg "),
    ],
)
def test_a_text_that_is_no_file_of_its_type_gives_the_least_that_is_one(media_type, signature):
    assert as_file("lorem", media_type).startswith(signature)


def test_an_empty_archive_can_be_opened():
    assert zipfile.ZipFile(BytesIO(as_file("", "application/zip"))).namelist() == []


def test_a_file_that_was_kept_as_base64_is_given_back():
    picture = b"\x89PNG\r\n\x1a\n and more"

    assert as_file(base64.b64encode(picture).decode(), "image/png") == picture


@pytest.mark.parametrize(
    ("text", "media_type"),
    [
        ("<svg><a/></svg>", "image/svg+xml"),
        ("%PDF-1.7 and more", "application/pdf"),
        ("é", "application/x-any"),
    ],
)
def test_a_text_that_is_a_file_itself_is_given_as_it_is(text, media_type):
    assert as_file(text, media_type) == text.encode()
