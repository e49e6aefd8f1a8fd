"""Weighted sums of distances or kernel values between groups of rows, without a matrix of all pairs."""
