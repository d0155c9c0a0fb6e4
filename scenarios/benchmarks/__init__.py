"""Public benchmark instances: readers that locate what is wrong, and judges that know no solver."""
