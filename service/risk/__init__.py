"""Trained risk models: features, estimators, artefacts, predictions. The only floor with floats."""
