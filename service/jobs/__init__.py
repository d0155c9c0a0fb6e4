"""Durable jobs: accepted once, run in a child process, recorded once, whatever dies in between."""
