"""Results as figures, one function a figure, each with a sentence for people who do not see it."""
