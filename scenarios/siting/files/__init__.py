"""A siting study's files beside `city.toml`: demand, candidate sites, chargers, districts, exclusions, grid."""
