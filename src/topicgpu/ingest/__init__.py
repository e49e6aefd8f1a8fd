"""Files in, sources out: canonical text, date, language, turns, and what was dropped and why."""

from topicgpu.ingest.corpus import Masked, corpus_files, file_id, ingest
from topicgpu.ingest.files import root_of

__all__ = ["Masked", "corpus_files", "file_id", "ingest", "root_of"]
