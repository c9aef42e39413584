"""Which operations form a collection, found from paths and schemas."""
