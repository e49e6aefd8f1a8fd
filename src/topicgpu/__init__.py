"""Themes in dated talk, and how they drift: on a GPU or a CPU, with one offline report."""

__version__ = "0.1.0.dev0"
