"""Where the marketing money should go."""
