"""What a bike at a station is worth."""
