"""A file is written as a whole, with its rights, or where it cannot be replaced, in its place."""

import os
import threading

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


def test_a_pipe_is_written_to(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=write_whole, args=(pipe, b"passed on"))

    writer.start()
    read = pipe.read_bytes()
    writer.join(10)

    assert read == b"passed on"
    assert pipe.is_fifo()
