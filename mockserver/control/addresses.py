"""Where the mock itself answers, beside the contract that it serves."""

PREFIX = "/_mock"
DOCS = f"{PREFIX}/docs"

# Where clients that can set neither header nor cookie name a sandbox: /_mock/in/<name>/…
MOUNTED = f"{PREFIX}/in/"


def is_reserved(path: str) -> bool:
    """Tell whether a path belongs to the mock itself."""
    return path == PREFIX or path.startswith(f"{PREFIX}/")
