"""What several rules say alike: sentences and questions made from facts. No decision is taken here."""

from service.facts import Facts
from service.facts.exposure import LABELLED_AGENT
from service.verdict import Missing
from service.vocabulary import AGENT_NAMES

SEND_TREATMENTS = "Send the treatments given so far, or an empty list if there were none."
TREATMENTS = Missing("treatments", "The treatments given so far were not told.")


def by_analogy(facts: Facts) -> tuple[str, ...]:
    """The caveat that the label is of another agent than this patient's."""
    agent = facts.exposure.agent
    if agent is None or agent == LABELLED_AGENT:
        return ()
    return (f"The label is of Lu-177 DOTATATE, applied to {AGENT_NAMES[agent]} by analogy.",)
