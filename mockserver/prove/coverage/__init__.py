"""How much of a contract was touched: reckoned, and told in several ways."""
