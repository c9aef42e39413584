"""How parameters are read, by style."""
