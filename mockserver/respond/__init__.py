"""How the mock answers: requests, responses and problems, and the handler that nobody wrote."""
