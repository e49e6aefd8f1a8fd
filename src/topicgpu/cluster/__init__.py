"""Groups of similar segments, found without labels."""

from topicgpu.cluster.communities import communities_of
from topicgpu.cluster.extras import check_method
from topicgpu.cluster.find import find_clusters

__all__ = ["check_method", "communities_of", "find_clusters"]
