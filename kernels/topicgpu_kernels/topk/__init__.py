"""Most similar rows, without a matrix of all pairs."""
