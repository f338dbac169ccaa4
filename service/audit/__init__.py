"""The record: one append-only chain of everything that was answered about a patient, reviewed, read or erased."""
