"""How bodies are read and written, by media type."""
