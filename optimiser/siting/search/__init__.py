"""Improves what is built in one phase: part of it is torn down and built anew (Schrimpf et al. 2000), compiled."""
