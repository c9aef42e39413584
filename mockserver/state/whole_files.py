"""Write a file as a whole: it is there as it should be, or as it was before."""

import errno
import os
import shutil
from pathlib import Path
from secrets import token_hex

# What keeps a file from being replaced, and not from being written: its folder, or that it is mounted.
_HELD = (errno.EACCES, errno.EPERM, errno.EROFS, errno.EBUSY)


def write_whole(path: Path, content: bytes) -> None:
    """
    Write a file in the place of what is there; what is no file, such as a pipe, is written to.

    A file that has other names too (hard links) is written to as well, to be one file under all of them.

    Raises:
        OSError: it cannot be written.
    """
    # A link may lead to what is not there yet, or in a circle: of that, resolve() raises no OSError.
    path = Path(os.path.realpath(path)) if path.is_symlink() or path.is_file() else path
    if path.is_symlink() or (path.exists() and (not path.is_file() or path.stat().st_nlink > 1)):
        path.write_bytes(content)
        return
    made = path.with_name(f".{token_hex(8)}.new")  # as short as may be, and of nobody else
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
