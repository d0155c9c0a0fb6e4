"""E-cars by driver: which to move where, which to plug in until when, and who does it."""
