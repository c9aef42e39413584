"""What the contract cannot say: one module a tag, plain functions."""
