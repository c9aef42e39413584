"""Journeys through the collections of a contract: what no single answer shows."""
