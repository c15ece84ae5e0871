"""The solvers behind every decision, each met in one place, and the one way to say that limits cannot all be kept."""
