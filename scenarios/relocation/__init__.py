"""Fleets of shared e-cars: the files of a folder, the one border shape, and what the optimiser is given."""
