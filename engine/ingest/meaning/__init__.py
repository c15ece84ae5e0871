"""What a table and its columns mean, decided together from names, values and relations."""
