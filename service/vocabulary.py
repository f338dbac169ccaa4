"""The closed word lists of the wire contract: one word per thing, everywhere."""

from typing import Literal, get_args

Sex = Literal["male", "female", "other", "unknown"]
PrimarySite = Literal[
    "pancreas", "small_intestine", "colon", "rectum", "stomach", "appendix", "lung", "thymus", "other", "unknown"
]
Differentiation = Literal["well", "poor"]
MetastasisSite = Literal["liver", "bone", "lymph_node", "peritoneum", "lung", "brain", "other"]
FunctionalSyndrome = Literal["none", "carcinoid", "insulinoma", "gastrinoma", "glucagonoma", "vipoma", "somatostatinoma", "other"]
Tracer = Literal[
    "ga_68_dotatate", "ga_68_dotatoc", "ga_68_dotanoc", "cu_64_dotatate", "in_111_pentetreotide", "tc_99m_hynic_toc", "other"
]
ComorbidityKind = Literal["hypertension", "diabetes", "carcinoid_heart_disease", "hydronephrosis", "bowel_obstruction"]

PrrtAgent = Literal["lutetium_177_dotatate", "lutetium_177_edotreotide"]
Radiopharmaceutical = Literal["lutetium_177_dotatate", "lutetium_177_edotreotide", "iodine_131_mibg"]
TreatmentKind = Literal[
    "radiopharmaceutical",
    "somatostatin_analogue",
    "sirt",
    "chemotherapy",
    "targeted_therapy",
    "external_beam_radiotherapy",
    "bone_modifying_agent",
    "surgery",
]
Route = Literal["intravenous", "intra_arterial"]
Formulation = Literal["long_acting", "short_acting"]
DelayReason = Literal["toxicity", "logistics", "patient_choice", "intercurrent_illness"]

Analyte = Literal[
    "alkaline_phosphatase",
    "bone_alkaline_phosphatase",
    "gamma_gt",
    "alt",
    "ast",
    "bilirubin",
    "albumin",
    "inr",
    "haemoglobin",
    "platelets",
    "neutrophils",
    "leukocytes",
    "lymphocytes",
    "creatinine",
    "creatinine_clearance",
    "egfr",
    "chromogranin_a",
    "five_hiaa",
]

Modality = Literal["ct", "mri", "pet_ct", "other"]
ResponseCriteria = Literal["recist_1_1", "md_anderson", "modified_md_anderson", "other"]
Response = Literal[
    "complete_response",
    "partial_response",
    "stable_disease",
    "progressive_disease",
    "non_cr_non_pd",
    "not_evaluable",
]
NewLesionKind = Literal["unequivocal", "bone_sclerosis_only"]
AssessmentKind = Literal["symptomatic", "biochemical", "imaging"]
AssessedResponse = Literal["response", "stable", "progression"]
SymptomWord = Literal["none", "improved", "resolved", "stable", "worse", "present"]
EventKind = Literal["skeletal_related_event", "adverse_event", "transfusion", "progression", "hormonal_crisis"]
Lobe = Literal["left", "right"]

# What a source may tell only in part: what is listed is there, and more may be. `conditions` are those that no list is for:
# another neoplasm, a disease of the blood, whatever nobody could read.
PartlyTold = Literal["radiopharmaceuticals", "other_treatments", "comorbidities", "imaging", "conditions"]

Jurisdiction = Literal["us", "eu"]
CtcaeVersion = Literal["5.0", "6.0"]

PRRT_AGENTS: tuple[str, ...] = get_args(PrrtAgent)
RADIOPHARMACEUTICALS: tuple[str, ...] = get_args(Radiopharmaceutical)

AGENT_NAMES: dict[str, str] = {
    "lutetium_177_dotatate": "Lu-177 DOTATATE",
    "lutetium_177_edotreotide": "Lu-177 edotreotide",
    "iodine_131_mibg": "I-131 MIBG",
}
ANALYTE_NAMES: dict[str, str] = {
    "alkaline_phosphatase": "ALP",
    "bone_alkaline_phosphatase": "bone-specific ALP",
    "gamma_gt": "GGT",
    "alt": "ALT",
    "ast": "AST",
    "bilirubin": "bilirubin",
    "albumin": "albumin",
    "inr": "INR",
    "haemoglobin": "haemoglobin",
    "platelets": "platelets",
    "neutrophils": "neutrophils",
    "leukocytes": "leukocytes",
    "lymphocytes": "lymphocytes",
    "creatinine": "creatinine",
    "creatinine_clearance": "creatinine clearance",
    "egfr": "eGFR",
    "chromogranin_a": "chromogranin A",
    "five_hiaa": "5-HIAA",
}
