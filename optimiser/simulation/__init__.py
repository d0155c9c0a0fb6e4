"""Replays a day against given opening inventories: what would really have been lost."""
