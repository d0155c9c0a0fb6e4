"""What an operator does with the data as a whole: back it up, restore it, let old jobs go, keep to one machine."""
