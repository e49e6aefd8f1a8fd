"""Parts for BERTopic: our encoder, layout, clusters and communities in its places."""

from topicgpu.bertopic.communities import Communities
from topicgpu.bertopic.embedder import Embedder
from topicgpu.bertopic.given import GivenTopics
from topicgpu.bertopic.hdbscan import HDBSCAN
from topicgpu.bertopic.places import UMAP

__all__ = ["HDBSCAN", "UMAP", "Communities", "Embedder", "GivenTopics"]
