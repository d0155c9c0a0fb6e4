"""What becomes of a plan after it was made: published, driven, done, laid aside."""
