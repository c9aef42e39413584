"""How the mock is proved: what schemathesis says of it."""
