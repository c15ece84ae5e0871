"""One file per step, in order; a step that has been released never changes."""
