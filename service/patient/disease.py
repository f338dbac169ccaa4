"""The tumour: site, grade, where it has spread to, what it shows on SSTR imaging."""

from typing import Annotated

from pydantic import Field, field_validator

from service.patient.fields import Day, Percent, RequestPart, Sequence, field, refused
from service.vocabulary import Differentiation, FunctionalSyndrome, MetastasisSite, PrimarySite, Tracer


class Metastasis(RequestPart):
    """One site of spread."""

    site: MetastasisSite = Field(description="Organ of the metastases.", examples=["liver"])
    involvement_percent: Percent | None = field("Share of the organ that is tumour.", 30, unit="%")
    lesion_count: int | None = field("Number of lesions at this site.", 14, unit="1 (a count)", ge=1, le=10000)
    dominant: bool | None = field("Whether this site carries most of the disease.", True)


class SstrImaging(RequestPart):
    """Somatostatin-receptor imaging."""

    performed_on: Day | None = field("Date of the study.", "2025-11-01")
    tracer: Tracer | None = field("Tracer.", "ga_68_dotatate")
    krenning_score: int | None = field("Modified Krenning score.", 4, unit="score 0 to 4", ge=0, le=4)
    all_lesions_positive: bool | None = field("Whether every lesion takes up the tracer.", True)
    fdg_positive_sstr_negative: bool | None = field("Whether a lesion is FDG-positive and SSTR-negative.", False)


class Disease(RequestPart):
    """The tumour."""

    primary_site: PrimarySite | None = field("Site of the primary tumour.", "pancreas")
    differentiation: Differentiation | None = field("Differentiation.", "well")
    grade: int | None = field("WHO grade.", 2, unit="grade 1 to 3", ge=1, le=3)
    ki67_percent: Percent | None = field("Ki-67 labelling index.", 8.0, unit="%")
    metastases: Annotated[tuple[Metastasis, ...], Sequence] | None = field(
        "Sites of spread, each once; [] when there are none.", [{"site": "bone", "lesion_count": 14}], max_length=50
    )
    metastases_complete: bool | None = field("Whether `metastases` lists every site.", True)
    functional_syndrome: FunctionalSyndrome | None = field("Hormonal syndrome.", "carcinoid")
    sstr_imaging: SstrImaging | None = field("Somatostatin-receptor imaging.", {"krenning_score": 4})
    resectable: bool | None = field("Whether the disease can be resected.", False)
    progressive_on_somatostatin_analogue: bool | None = field("Whether the disease progressed on a somatostatin analogue.", True)

    @field_validator("metastases")
    @classmethod
    def _each_site_once(cls, metastases: tuple[Metastasis, ...] | None) -> tuple[Metastasis, ...] | None:
        sites = [metastasis.site for metastasis in metastases or ()]
        if len(sites) != len(set(sites)):
            raise refused("names one site twice")
        return metastases
