"""What is not about plans: health, limits, version, demo data, pages."""
