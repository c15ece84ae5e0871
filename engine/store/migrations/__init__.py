"""Numbered steps from one shape of the database to the next, run by `engine.store.connection`."""
