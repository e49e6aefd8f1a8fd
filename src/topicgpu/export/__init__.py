"""Exports: what a run found, in the files of other programs. Each format is one function from a run to a folder."""

from topicgpu.export.formats import FORMATS, export

__all__ = ["FORMATS", "export"]
