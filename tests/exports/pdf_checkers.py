"""Two independent checkers of PDF/UA-1 and what they find in a PDF.

Belongs here: calling them. Not here: PDFs, and what is expected of them. Neither certifies: rules
that need a person's eye are nobody's to automate.
"""

from pathlib import Path

import outloud
import pdfua

UNEVALUATED = {"UA-14-001"}
"""Levels of headings, which pdfua 0.1.3 cannot read with today's pikepdf; outloud checks them."""


def pdf_findings(path: Path) -> list[str]:
    """What either checker finds, warnings and remarks included, and rules that it gave up on."""
    first, second = pdfua.validate(str(path)), outloud.check(str(path))
    gave_up = [
        f"pdfua {one.rule_id}: {one.skipped_reason}"
        for one in first.outcomes
        if one.skipped_reason and one.rule_id not in UNEVALUATED
    ]
    assert second.error is None, second.error
    return [
        *(f"pdfua {one.rule_id}: {one.message}" for one in first.findings),
        *gave_up,
        *(f"outloud {one.rule}: {one.message}" for one in second.findings),
    ]
