"""Contracts of the kernels: every implementation of an operation against one oracle."""
