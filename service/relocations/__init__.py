"""Relocation plans of e-cars over HTTP."""
