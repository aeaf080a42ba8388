"""TOML files that are the user's as much as ours: what we write into them leaves comments and order as they are.

Pure but for ``write_settled`` and ``save_settings``; any thread.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from frontend.config.merging import Settings, merged_settings, sole_writer
from frontend.config.setting_fields import SettingsTable
from protocol.atomic_file import write_atomically
from protocol.documents import read, toml

if TYPE_CHECKING:
    from tomlkit.container import Container
    from tomlkit.items import AoT, Item, Table


def write_settled(path: Path, fresh: str, lists: Sequence[str] = ()) -> None:
    """Put ``fresh`` into the file at ``path`` as ``settled`` says, or write it where there is none. Raises ``OSError``.

    A file that makes no sense is replaced: whoever read it has kept it aside.
    """
    try:
        standing = read(path)
    except (FileNotFoundError, UnicodeDecodeError):
        standing = ""
    write_atomically(path, settled(fresh, standing, lists))


def save_settings(path: Path, table: SettingsTable[Settings], known: Settings, settings: Settings) -> Settings:
    """Write of ``settings`` what is not as it was ``known``, and leave the others as they stand at ``path``.

    Gives what is known from now on. Raises ``OSError``.
    """
    with sole_writer(path):
        try:
            standing, _ = table.parse(read(path))
        except (OSError, ValueError):
            standing = known
        write_settled(path, table.render(merged_settings(known, standing, settings)))
    return settings


def settled(fresh: str, standing: str, lists: Sequence[str] = ()) -> str:
    """The text ``standing`` in a file with every value of ``fresh``, a whole text with the comments that explain it.

    The user's comments, order and entries that are unknown here stay. Of a list of tables (``[[map]]``), which must be
    among ``lists``, an entry that is in both keeps its place and comments; the others are taken from ``fresh``.
    Where ``standing`` is empty or no TOML, it is ``fresh`` itself.
    """
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    if not standing.strip():
        return fresh
    try:
        toml(standing)  # holds it within our bounds
        document, ours = tomlkit.parse(standing), tomlkit.parse(fresh)
    except (ValueError, TOMLKitError):
        return fresh
    for name in lists:
        if name in document and name not in ours:
            document.remove(name)
    _settle(document, ours, lists)
    return tomlkit.dumps(document)


def _settle(kept: Container | Table, ours: Container | Table, lists: Sequence[str] = ()) -> None:
    from tomlkit.items import AoT, Table

    for key, value, comment in _explained(ours):
        there = kept.get(key)
        if there is None:
            if comment and not isinstance(value, AoT | Table):
                value.trivia.indent = f"\n{comment}"
            kept.append(key, value)
        elif isinstance(there, Table) and isinstance(value, Table):
            _settle(there, value)
        elif key in lists and isinstance(there, AoT) and isinstance(value, AoT):
            _settle_rows(there, value)
        elif not _same(there, value):
            kept[key] = value


def _settle_rows(kept: AoT, ours: AoT) -> None:
    """The rows of ``ours``: those that stand already where they stand, the others after them."""
    wanted = [row.unwrap() for row in ours]
    for place in reversed(range(len(kept))):
        row = kept[place].unwrap()
        if row in wanted:
            wanted.remove(row)
        else:
            del kept[place]
    for row in wanted:
        kept.append(row)


def _explained(table: Container | Table) -> Iterator[tuple[str, Item, str]]:
    """Every key and value of ``table``, with the comments that stand right above it."""
    comment = ""
    for key, item in (table if hasattr(table, "body") else table.value).body:
        if key is not None:
            yield key.key, item, comment
        comment = comment + item.as_string() if key is None and item.as_string().strip() else ""


def _same(one: Any, other: Any) -> bool:
    """Whether two values mean the same, as 1 and 1.0 do, but 1 and true do not."""
    one, other = (value.unwrap() if hasattr(value, "unwrap") else value for value in (one, other))
    return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)
