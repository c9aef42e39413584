"""Which version of the mock this is."""

import functools
from importlib.metadata import PackageNotFoundError, version


@functools.cache
def mock_version() -> str:
    try:
        return version("mockserver")
    except PackageNotFoundError:
        return "not installed"
