"""Files in, sources out: canonical text, date, language, turns, and what was dropped and why."""

from topicgpu.ingest.files import root_of
from topicgpu.ingest.folder import corpus_files, file_id, ingest

__all__ = ["corpus_files", "file_id", "ingest", "root_of"]
