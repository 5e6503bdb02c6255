"""Pure rules of settlement: statements, netting, reconciliation, interest, ageing, disputes."""
