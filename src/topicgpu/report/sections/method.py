"""How the run was made, from its manifest: what stands there is shown, what does not is left out."""

from collections.abc import Mapping
from typing import Any

from topicgpu.config import ReportSection
from topicgpu.report.context import Context
from topicgpu.report.parameters import parameters_of
from topicgpu.report.wording import count, counted, duration, memory, percent
from topicgpu.types import NO_LIMIT

_MAX_NOT_SERVED = 20  # sources; more are counted

_DOES = {
    "ingest": "reads each source into one canonical text, with its turns, and says what it leaves out",
    "segment": "cuts the texts on sentence boundaries into segments that stay on one subject",
    "embed": "turns each segment into a vector: segments that mean similar things have similar vectors",
    "repeats": "finds segments that say again what another one says, so that each is counted once",
    "neighbors": "links each segment to the most similar ones",
    "reduce": "lays the segments out on a map",
    "cluster": "groups the segments by their links",
    "themes": "gives segments the guided themes, makes themes of the groups that are left, and measures stability",
    "drift": "measures shares and how they, what is said, and the words move from period to period",
    "report": "writes this page from the results, and computes nothing new",
}


def view(context: Context) -> dict[str, Any]:
    """
    Gather the facts about a run.

    Parameters
    ----------
    context : Context
        With a manifest.

    Returns
    -------
    dict
        method: encoder, device, stages, versions, facts, parameters, translations, dropped and not_served; and
        unit.
    """
    config, manifest = context.results.config, context.results.manifest
    method = {
        "version": manifest.get("topicgpu_version"),
        "created": manifest.get("created"),
        "seed": manifest.get("seed", config.seed),
        "config_path": manifest.get("config_path") or None,
        "encoder": _encoder(manifest.get("encoder", {})),
        "device": manifest.get("device", {}),
        "stages": [_stage(name, stage) for name, stage in manifest.get("stages", {}).items()],
        "versions": [f"{library} {version}" for library, version in sorted(manifest.get("versions", {}).items())],
        "parameters": parameters_of(config, manifest["config"]),
        "segment_words": (config.segment.min_words, config.segment.max_words),
        "neighbors": _neighbors(manifest.get("neighbors", {})),
        "cluster": config.cluster.method,
        "period": "named in the configuration" if config.drift.periods else config.drift.period,
        "min_words": counted(config.drift.min_words, "word"),
        "discover": config.themes.discover,
        "guided": len(config.themes.guided),
        "translations": manifest.get("stages", {}).get("repeats", {}).get("implementation", {}).get("translations"),
        "masked": [
            f"{name}: {counted(found['matches'], 'match', 'matches')} in {counted(found['sources'], 'source')}"
            for name, found in manifest.get("masked", {}).items()
        ],
        "withheld": _withheld(config.report),
        "dropped": [f"{counted(n, 'word')}: {reason}" for reason, n in sorted(manifest.get("dropped", {}).items())],
        "not_served": [
            f"{row['source_id']}, {row['language']}: {counted(row['segments'], 'segment')}, "
            f"{counted(row['words'], 'word')}"
            for row in manifest.get("not_served", [])[:_MAX_NOT_SERVED]
        ],
        "n_not_served_left": max(0, len(manifest.get("not_served", [])) - _MAX_NOT_SERVED),
    }
    return {"method": method, "unit": context.unit}


def _withheld(report: ReportSection) -> str | None:
    kept = [] if report.text else ["the words of the sources"]
    kept += ["the names of speakers, for whom numbers stand"] if report.speakers == "anonymous" else []
    stays = "Keywords, terms and names of discovered themes are words of the sources and stay."
    return f"{' and '.join(kept).capitalize()}. {stays}" if kept else None


def _neighbors(facts: Mapping[str, Any]) -> str:
    k = f"{facts['k']} " if facts.get("k") else ""
    recall = facts.get("recall")
    found = f" ({percent(recall)} of them are found, measured on a sample)" if recall is not None else ""
    return f"{k}most similar ones{found}"


def _encoder(encoder: Mapping[str, Any]) -> dict[str, str]:
    facts = {name: encoder[name] for name in ("model", "revision", "pooling", "precision") if encoder.get(name)}
    if encoder.get("dimension"):
        facts["dimension"] = count(encoder["dimension"])
    if encoder.get("max_tokens"):
        limit = encoder["max_tokens"]
        facts["longest text"] = "any" if limit >= NO_LIMIT else counted(limit, "token")
    if "languages" in encoder:
        facts["languages served"] = ", ".join(encoder["languages"]) or "all"
    return {name: str(value) for name, value in facts.items()}


def _stage(name: str, stage: Mapping[str, Any]) -> dict[str, Any]:
    made = {"computed": "computed", "store": "taken from the store"}
    peak = stage.get("peak_memory_bytes")
    return {
        "name": name,
        "does": _DOES.get(name),
        "status": made.get(stage.get("status", ""), stage.get("status")),
        "time": None if stage.get("seconds") is None else duration(stage["seconds"]),
        "memory": memory(peak) if peak else None,
        "implementation": [f"{op}: {why}" for op, why in (stage.get("implementation") or {}).items()],
    }
