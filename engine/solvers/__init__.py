"""The solvers behind every decision, each met in one place."""
