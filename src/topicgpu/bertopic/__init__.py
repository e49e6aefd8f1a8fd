"""Parts for BERTopic: our encoder, our layout and our groups in its places."""

from topicgpu.bertopic.embedder import Embedder
from topicgpu.bertopic.given import GivenTopics
from topicgpu.bertopic.groups import HDBSCAN
from topicgpu.bertopic.umap import UMAP

__all__ = ["HDBSCAN", "UMAP", "Embedder", "GivenTopics"]
