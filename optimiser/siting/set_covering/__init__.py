"""Set covering: the cheapest sites that cover all demand, once or several times, or enough of it."""
