"""Formats of the outside world, read into a patient's state: what was used, what was not, and why."""
