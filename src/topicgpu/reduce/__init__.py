"""Places for the segments in few dimensions: the map that the report draws."""

from topicgpu.reduce.map import layout_map

__all__ = ["layout_map"]
