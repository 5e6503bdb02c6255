"""Rules of claims on pool policies and on policies of a single insurer; pure, amounts in fen."""
