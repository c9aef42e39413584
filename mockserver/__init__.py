"""
A stateful mock server that keeps its OpenAPI contract, and proves it.

The rooms, in the one order in which imports may go: a room imports from those above it, never from those
below. ``tests/test_layers.py`` reads this list.

    mockserver.errors         the error that whoever runs the server can mend
    mockserver.contract       what the API promises
    mockserver.state          what the mock remembers
    mockserver.respond        how it answers
    mockserver.handlers       what the contract cannot say
    mockserver.control        how it is steered
    mockserver.client         how it is steered from elsewhere
    mockserver.serve          how it is served
    mockserver.prove          how it is proved
    mockserver.cli            the command line
"""
