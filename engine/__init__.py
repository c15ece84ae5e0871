"""Every decision that Dyocense takes: importable, typed and tested without a screen."""
