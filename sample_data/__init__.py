"""Five small businesses, made by a seeded script from a process whose truth is written beside them."""
