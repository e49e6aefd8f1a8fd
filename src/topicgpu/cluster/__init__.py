"""Groups of similar segments, found without labels."""

from topicgpu.cluster.find import find_clusters

__all__ = ["find_clusters"]
