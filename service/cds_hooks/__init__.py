"""CDS Hooks 2.0.1: the services, what an EHR sends to them, what is fetched from it, and the cards it gets. No web framework."""
