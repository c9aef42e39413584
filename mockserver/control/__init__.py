"""How the mock is steered: what answers under ``/_mock``."""
