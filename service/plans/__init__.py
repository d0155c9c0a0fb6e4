"""Rebalancing plans over HTTP: submit, follow, fetch, cancel."""
