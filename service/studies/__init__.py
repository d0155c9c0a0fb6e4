"""Siting studies over HTTP: submit, follow, fetch, cancel."""
