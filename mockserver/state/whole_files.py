"""Write a file as a whole: it is there as it should be, or as it was before."""

import errno
import os
import shutil
from pathlib import Path

# What keeps a file from being replaced, and not from being written: its folder, or that it is mounted.
_HELD = (errno.EACCES, errno.EPERM, errno.EROFS, errno.EBUSY)


def write_whole(path: Path, content: bytes) -> None:
    """
    Write a file in the place of what is there; what is no file, such as a pipe, is written to.

    Raises:
        OSError: it cannot be written.
    """
    path = path.resolve() if path.is_file() else path
    if path.exists() and not path.is_file():
        path.write_bytes(content)
        return
    made = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        made.write_bytes(content)
        if path.exists():
            shutil.copymode(path, made)
        made.replace(path)
    except OSError as error:
        if error.errno not in _HELD or not path.exists():
            raise
        path.write_bytes(content)
    finally:
        made.unlink(missing_ok=True)
