"""UMAP's force layout of a weighted graph."""
