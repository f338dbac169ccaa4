"""What may be a cycle, and whether cycles are told in part."""

from tests.intake.hospital import SUBJECT, administration, coded, read


def in_part(*resources, **how):
    return read(*resources, **how).state.told_in_part


def unread(**more):
    """An administration beside the one that is read."""
    return administration(id="other", **more)


def procedure(code, system, **more):
    told = {"resourceType": "Procedure", "id": "p", "status": "completed", "subject": SUBJECT, "code": coded(code, system)}
    return told | {"performedDateTime": "2025-06-01"} | more


def lacks_cycles(*resources):
    """Whether cycles may be missing beside one that is read."""
    return "radiopharmaceuticals" in in_part(administration(), *resources)
