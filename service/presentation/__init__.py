"""An assessment for its readers: JSON for programs, text for people."""
