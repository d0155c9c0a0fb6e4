"""Cities: bundled ones, a user's own folder, inline ones, and seeded ones for tests and scaling runs."""
