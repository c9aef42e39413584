"""Answers from what the mock remembers."""
