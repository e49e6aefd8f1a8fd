"""Files in, sources out: canonical text, date, language, turns, and what was dropped and why."""

from topicgpu.ingest.folder import corpus_files, ingest

__all__ = ["ingest", "corpus_files"]
