"""Ways into the engine without a screen."""
