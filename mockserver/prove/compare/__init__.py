"""How like a mock is to its backend: the same requests to both, each on its own ids."""
