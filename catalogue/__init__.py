"""Products in the library, policies, enrolment and subsidies."""
