"""How a report is written to files that other tools, and people, read."""
