"""
A thin client of the HTTP API, for programs that submit, wait and fetch; in two forms, `Client` and `AsyncClient`.

It needs httpx and nothing else of this product: bodies and answers are JSON as docs/api.md has them.
"""

from service.client.calls import Job, Kind
from service.client.client import AsyncClient, Client
from service.client.problem import Problem

__all__ = ["AsyncClient", "Client", "Job", "Kind", "Problem"]
