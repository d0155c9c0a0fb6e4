"""The search for better nights: everything at once, compiled."""
