"""What every room shares: errors, findings, limits, results, and the city itself."""
