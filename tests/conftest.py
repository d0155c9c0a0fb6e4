"""Property tests draw the same examples in every run, unless asked to look further (`make chaos`)."""

from hypothesis import settings

settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.register_profile("chaos", derandomize=False, deadline=None)
settings.load_profile("repeatable")
