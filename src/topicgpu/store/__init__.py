"""The files of a run folder and the vector cache: one schema, atomic writes, nothing pickled.

Tables are Parquet, arrays safetensors, the rest JSON and plain text. A table's metadata holds `rows`, the fingerprint
of the segments that it is aligned to.
"""

from topicgpu.store.arrays import read_arrays, write_arrays
from topicgpu.store.cache_folder import encoder_key
from topicgpu.store.caches import (
    CacheInfo,
    DamagedFile,
    DeletedFile,
    default_root,
    list_caches,
    prune_caches,
    verify_caches,
)
from topicgpu.store.files import hash_file, read_json, read_text, write_file, write_json, write_text
from topicgpu.store.keys import text_keys
from topicgpu.store.schema import SCHEMAS
from topicgpu.store.tables import from_columns, read_blocks, read_table, table_columns, write_table
from topicgpu.store.texts import TextFiles, TextSpool, text_name
from topicgpu.store.vectors import VectorCache

__all__ = [
    "SCHEMAS",
    "CacheInfo",
    "DamagedFile",
    "DeletedFile",
    "TextFiles",
    "TextSpool",
    "VectorCache",
    "default_root",
    "encoder_key",
    "from_columns",
    "hash_file",
    "list_caches",
    "prune_caches",
    "read_arrays",
    "read_blocks",
    "read_json",
    "read_table",
    "read_text",
    "table_columns",
    "text_keys",
    "text_name",
    "verify_caches",
    "write_arrays",
    "write_file",
    "write_json",
    "write_table",
    "write_text",
]
