"""What others can do on the same instances: yardsticks for the tables of `make bench`, never part of the product."""
