"""Measurements that anybody can repeat: `make bench`, or `python -m tests.bench network` for one room."""
