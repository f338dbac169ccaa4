"""CDS Hooks 2.0.1: what the specification asks of a service, what real clients send to it, and what its cards say."""
