"""Co-insurance pools (共保体) and their money."""
