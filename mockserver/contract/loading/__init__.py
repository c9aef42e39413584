"""How a document is read: its files, its overlays, older versions, and what is mended in it."""
