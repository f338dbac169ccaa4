"""`make mutants`: moves each number and flips each comparator; every mutant must be killed by a test.

A mutant lives in a forked child and never on disk. Its outcome stands in docs/mutants.md.
"""

from pathlib import Path

ROOT = Path(__file__).parents[2]
