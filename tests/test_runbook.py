"""Every alert has its place in the runbook, and every place its alert."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_every_alert_leads_to_a_heading_of_the_runbook():
    alerts = (ROOT / "k8s" / "monitoring" / "alerts.yaml").read_text("utf-8")
    anchors = re.findall(r"docs/operations\.md#([a-z-]+)", alerts)
    headings = re.findall(r"^### (prrt-[a-z-]+)$", (ROOT / "docs" / "operations.md").read_text("utf-8"), re.MULTILINE)
    assert sorted(set(anchors)) == sorted(headings)


def test_every_file_that_the_documents_name_is_there():
    for document in ("security.md", "operations.md"):
        text = (ROOT / "docs" / document).read_text("utf-8")
        for name in re.findall(r"`((?:tests|docs|k8s)/[\w./-]+)`", text):
            assert (ROOT / name).exists(), (document, name)
        for name in re.findall(r"`((?:access|api|audit|patient|risk)/[\w./]*|\w+\.py)`", text):
            assert (ROOT / "service" / name).exists() or list((ROOT / "tests").rglob(name)), (document, name)
