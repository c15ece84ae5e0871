"""From a question in the owner's words to a plan."""
