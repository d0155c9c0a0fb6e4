"""The capacitated p-median: p sites, each customer served by one, none beyond its capacity (Mulvey & Beck 1984)."""
