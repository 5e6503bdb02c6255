"""Pure rules of the catalogue: frozen facts in, findings and figures out."""
