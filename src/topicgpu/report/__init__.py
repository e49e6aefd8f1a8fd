"""The report: results in, one HTML file out that opens offline and makes no request."""

from topicgpu.report.html import render
from topicgpu.report.results import Results

__all__ = ["Results", "render"]
