"""Whether the lists that a text is guarded by can be read. Caller's thread."""

from __future__ import annotations

from benchmarks.doctor.findings import Finding, Level
from server.filters.load import load_filters, own_words


def examine() -> list[Finding]:
    loaded = load_filters()
    if loaded.complaint:
        return [Finding("manners", Level.WARN, loaded.complaint, "mend the file, or move it away")]
    whose = "your own list" if own_words().exists() else "the shipped list"
    return [Finding("manners", Level.GOOD, f"{whose} of {len(loaded.filter_set.words.entries)} words can be read")]
