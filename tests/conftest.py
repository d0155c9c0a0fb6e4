"""Property tests draw the same examples in every run, unless they are asked to look further (`make chaos`)."""

from hypothesis import settings

settings.register_profile("repeatable", derandomize=True)
settings.register_profile("chaos", derandomize=False)
settings.load_profile("repeatable")
