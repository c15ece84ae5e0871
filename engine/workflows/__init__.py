"""The verbs that the pages and the command line share, one module a question."""
