"""Maximal covering where sites have capacities (Current & Storbeck 1988; Pirkul & Schilling 1991)."""
