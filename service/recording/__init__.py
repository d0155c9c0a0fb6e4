"""Polls a city's feed into the `history/` of its folder, for as long as it is let."""
