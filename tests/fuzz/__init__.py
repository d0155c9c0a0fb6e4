"""Breaks valid files in seeded ways and holds every parser to one rule: taken as it is, or refused with a place."""
