"""The migrations of the record."""
