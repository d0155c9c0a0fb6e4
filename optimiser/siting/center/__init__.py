"""The p-center: p sites so that the longest way of any demand to its nearest one is shortest (Hakimi 1964)."""
