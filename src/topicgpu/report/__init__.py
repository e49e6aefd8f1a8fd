"""The report: results in, one HTML file out that opens offline and makes no request."""

from topicgpu.report.html import render

__all__ = ["render"]
