"""What the mock remembers: items, personas, time, and what was asked."""
