"""Requests that leave the house, to addresses that somebody else has named; nothing inside can be reached by them."""
