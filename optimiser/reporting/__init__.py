"""Key figures, tables, maps and documents made from a planned night."""
