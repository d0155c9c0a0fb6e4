"""Cities that users bring: kept, checked, versioned, and named in requests like the bundled ones."""
