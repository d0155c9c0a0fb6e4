"""Webhooks by Standard Webhooks 1.0.0: who is told of the end of jobs, and that it arrives."""
