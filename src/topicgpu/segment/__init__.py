"""Sources to segments: sentences, the passages they make, and the packing of both."""

from topicgpu.segment.cut import segment

__all__ = ["segment"]
