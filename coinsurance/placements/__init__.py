"""Use cases of risks, lines and placements: from submission to the frozen participation."""
