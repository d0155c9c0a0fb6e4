"""The p-median: p sites so that demand has the shortest way to its nearest one (Hakimi 1964)."""
