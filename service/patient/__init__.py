"""What came in: the patient's state, validated, nothing derived."""

from service.patient.state import PatientState

__all__ = ["PatientState"]
