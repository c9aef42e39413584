"""What the API promises: the OpenAPI document, loaded, checked and compiled; knows nothing of servers."""
