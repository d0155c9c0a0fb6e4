"""Nights that are planned by themselves: which city, when by its own clock, and with which options."""
