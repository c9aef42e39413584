"""How the mock is served: connexion, ASGI, and the layers a request passes."""

import warnings

# connexion imports starlette's test client, which tells its own developers about httpx; nobody who runs a
# mock can do anything about it.
warnings.filterwarnings("ignore", message="Using `httpx` with `starlette.testclient` is deprecated")
