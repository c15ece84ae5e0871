"""The calculations that the Coach may run, one module each; all of them only read."""
