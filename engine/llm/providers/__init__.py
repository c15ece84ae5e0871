"""One language model provider a file; its official client is imported and made when the first question is asked."""
