"""What the service knows: its rules with their decision rows, and its evidence with its sources."""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from service.api.dependencies import engine_of
from service.api.problems import Problem, documented
from service.evidence import CRITERIA, SOURCES, Decision, Finding, Parameter, Record, Source
from service.verdict import Rule

router = APIRouter(tags=["knowledge"])


class RuleOut(BaseModel):
    """One rule: what it claims, how it decides, on which numbers."""

    name: Annotated[str, Field(description="Name of the rule.", examples=["alkaline_phosphatase"])]
    title: Annotated[str, Field(description="Title of the rule.", examples=["ALP alert"])]
    claim: Annotated[str, Field(description="What the evidence says.", examples=["Raised ALP marks worse survival."])]
    description: Annotated[str, Field(description="What the rule does, and its doubts.", examples=["ALP alert."])]
    decisions: Annotated[list[Decision], Field(description="Decision table; the first row that holds wins.", examples=[[]])]
    parameters: Annotated[list[Parameter], Field(description="Numbers it compares with.", examples=[[]])]
    findings: Annotated[list[Finding], Field(description="Numbers it cites.", examples=[[]])]


class RulesOut(BaseModel):
    """Every rule."""

    rules: Annotated[list[RuleOut], Field(description="The rules, by name.", examples=[[]])]


class EvidenceOut(BaseModel):
    """Every record and every source."""

    records: Annotated[list[Record], Field(description="One record per rule.", examples=[[]])]
    criteria: Annotated[list[Record], Field(description="Criteria that facts are computed by.", examples=[[]])]
    sources: Annotated[list[Source], Field(description="Where numbers come from.", examples=[[]])]


def describe(rule: Rule) -> RuleOut:
    """A rule for its readers."""
    return RuleOut(
        name=rule.name,
        title=rule.title,
        claim=rule.evidence.claim,
        description=rule.description,
        decisions=list(rule.evidence.decisions),
        parameters=list(rule.evidence.parameters.values()),
        findings=list(rule.evidence.findings.values()),
    )


def _not_found(what: str) -> Problem:
    return Problem(404, "not-found", f"No such {what}", f"The list of the route above names every {what}.")


@router.get("/v1/rules", summary="Every rule", responses=documented(503))
async def rules(request: Request) -> RulesOut:
    """The rules with their decision tables and numbers."""
    return RulesOut(rules=[describe(rule) for rule in engine_of(request).rules])


@router.get("/v1/rules/{name}", summary="One rule", responses=documented(404, 422, 503))
async def one_rule(request: Request, name: str) -> RuleOut:
    """One rule with its decision table and numbers."""
    rule = engine_of(request).rules_by_name.get(name)
    if rule is None:
        raise _not_found("rule")
    return describe(rule)


@router.get("/v1/evidence", summary="Every record and source", responses=documented(503))
async def evidence(request: Request) -> EvidenceOut:
    """Every evidence record, every set of criteria, every source."""
    records = [rule.evidence for rule in engine_of(request).rules]
    return EvidenceOut(records=records, criteria=list(CRITERIA.values()), sources=list(SOURCES.values()))


@router.get("/v1/evidence/{id}", summary="One record or source", responses=documented(404, 422, 503))
async def one_evidence(request: Request, id: str) -> Record | Source:  # noqa: A002  # the contract's name
    """A record (by the stem of its rule or criteria) or a source (by its id)."""
    rule = engine_of(request).rules_by_name.get(id)
    found = rule.evidence if rule else CRITERIA.get(id) or SOURCES.get(id)
    if found is None:
        raise _not_found("record or source")
    return found
