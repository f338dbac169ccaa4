"""The risk models: one folder each, with its artefact, manifest, card and its own training."""
