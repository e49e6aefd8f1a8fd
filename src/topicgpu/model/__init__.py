"""The estimator: themes of documents by scikit-learn's rules, with the names that BERTopic users type."""

from topicgpu.model.estimator import ThemeModel

__all__ = ["ThemeModel"]
