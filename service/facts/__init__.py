"""Named quantities, each derived once from the patient state. Rules read these, and the state where nothing is to be derived."""

from service.facts.everything import Facts, derive_facts

__all__ = ["Facts", "derive_facts"]
