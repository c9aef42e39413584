"""A file is written as a whole, with its rights, or where it cannot be replaced, in its place."""

import os
import threading

import pytest

from mockserver.state.whole_files import write_whole


def test_a_file_keeps_its_rights_and_its_links(tmp_path):
    file, link = tmp_path / "a.json", tmp_path / "link.json"
    file.write_text("a long text that was there before")
    file.chmod(0o640)
    link.symlink_to(file)

    write_whole(link, b"new")

    assert (file.read_bytes(), link.is_symlink()) == (b"new", True)
    assert file.stat().st_mode & 0o777 == 0o640
    assert {each.name for each in tmp_path.iterdir()} == {"a.json", "link.json"}


def test_what_a_link_leads_to_is_made(tmp_path):
    link = tmp_path / "link.json"
    link.symlink_to("a.json")

    write_whole(link, b"new")

    assert link.is_symlink()
    assert (tmp_path / "a.json").read_bytes() == b"new"


def test_a_link_that_leads_in_a_circle_cannot_be_written(tmp_path):
    link = tmp_path / "link.json"
    link.symlink_to(link)

    with pytest.raises(OSError, match="link"):
        write_whole(link, b"new")


def test_a_file_keeps_its_other_names(tmp_path):
    file, other = tmp_path / "a.json", tmp_path / "b.json"
    file.write_bytes(b"old")
    other.hardlink_to(file)

    write_whole(file, b"new")

    assert other.read_bytes() == b"new"


def test_a_name_may_be_as_long_as_the_disk_lets_it(tmp_path):
    file = tmp_path / ("n" * 255)

    write_whole(file, b"new")

    assert file.read_bytes() == b"new"


def test_a_pipe_is_written_to(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=write_whole, args=(pipe, b"passed on"))

    writer.start()
    read = pipe.read_bytes()
    writer.join(10)

    assert read == b"passed on"
    assert pipe.is_fifo()
