"""HTTP only: parse, call the engine, present."""
