"""A city's past, read from the trips and status files of its folder."""

from scenarios.history.reader import LoadedHistory, read_history
from scenarios.history.report import HistoryReport

__all__ = ["HistoryReport", "LoadedHistory", "read_history"]
