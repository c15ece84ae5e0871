"""The Coach: a question in plain words, the calculation that answers it, and what it found."""
