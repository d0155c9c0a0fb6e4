"""Maximal covering: p sites so that as much demand as possible has one within reach (Church & ReVelle 1974)."""
