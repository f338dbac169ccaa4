"""Toxicity over the course: every family as one episode of the dose modification."""
