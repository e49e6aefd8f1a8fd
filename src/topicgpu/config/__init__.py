"""The configuration: one TOML file is one whole run."""

from topicgpu.config.load import change_config, load_config, validate_config
from topicgpu.config.sections import (
    DEFAULT_MODEL,
    ClusterSection,
    Config,
    CorpusSection,
    DriftSection,
    EmbeddingSection,
    GuidedTheme,
    MapSection,
    NeighborsSection,
    PeriodRule,
    ReportSection,
    Section,
    SegmentSection,
    ThemesSection,
    Unit,
)

__all__ = [
    "DEFAULT_MODEL",
    "ClusterSection",
    "Config",
    "CorpusSection",
    "DriftSection",
    "EmbeddingSection",
    "GuidedTheme",
    "MapSection",
    "NeighborsSection",
    "PeriodRule",
    "ReportSection",
    "Section",
    "SegmentSection",
    "ThemesSection",
    "Unit",
    "change_config",
    "load_config",
    "validate_config",
]
