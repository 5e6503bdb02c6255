"""Pure rules of the pools."""
