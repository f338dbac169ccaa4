"""Words and units of the outside world, as closed tables."""
