"""Bikes by van: which stations, in what order, how many bikes up or down."""
