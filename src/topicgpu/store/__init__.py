"""The files of a run folder: one schema, atomic writes, nothing pickled.

Tables are Parquet, arrays safetensors, the rest JSON and plain text. A table's metadata holds `rows`, the fingerprint
of the segments that it is aligned to.
"""

from topicgpu.store.arrays import read_arrays, write_arrays
from topicgpu.store.files import hash_file, read_json, read_text, write_file, write_json, write_text
from topicgpu.store.schema import SCHEMAS
from topicgpu.store.tables import from_columns, read_table, table_columns, write_table

__all__ = [
    "SCHEMAS",
    "from_columns",
    "hash_file",
    "read_arrays",
    "read_json",
    "read_table",
    "read_text",
    "table_columns",
    "write_arrays",
    "write_file",
    "write_json",
    "write_table",
    "write_text",
]
