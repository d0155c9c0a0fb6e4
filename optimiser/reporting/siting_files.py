"""The files of a siting study, as bytes; whoever asks for them writes them."""

from __future__ import annotations

from optimiser.reporting.document import to_json
from optimiser.reporting.siting_document import study_document
from optimiser.reporting.siting_outcome import outcome
from optimiser.reporting.siting_study import Study


def study_files(study: Study) -> dict[str, bytes]:
    """`study.json`, by name; further files join it."""
    told = outcome(study)
    return {"study.json": to_json(study_document(study, told))}
