"""Streets: graph from OpenStreetMap, snapping, travel times and paths."""
