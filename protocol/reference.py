"""The reference in docs/protocol.md, read off the table of messages and the parameter tree.

``python -m protocol.reference`` rewrites what stands between the markers of that file; a test holds it to this.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import fields
from pathlib import Path

from protocol.atomic_file import write_atomically
from protocol.formats import FORMATS, TO_FRONT, TO_SERVER, MessageFormat
from protocol.messages import Message
from protocol.show_commands import SHOW_COMMANDS, WHICH, ShowCommandFormat
from protocol.signals import signals
from protocol.tree import Parameter, ParameterTree

PAGE = Path(__file__).parent.parent / "docs" / "protocol.md"
ANY = "<slug>"  # stands for a voice
TYPES = {"f": "float", "i": "integer", "T": "true or false", "ff": "two floats", "s": "text"}


def main() -> None:
    page = PAGE.read_text("utf-8")
    write_atomically(PAGE, rewritten(page))
    print(f"{PAGE.name} says what the code does", file=sys.stderr)


def rewritten(page: str) -> str:
    """``page`` with every table between markers made afresh. Raises ``ValueError`` where a marker is missing."""
    tables = {
        "to-server": messages_table(TO_SERVER),
        "to-subscribers": messages_table(TO_FRONT),
        "parameters": parameters_table(),
        "signals": signals_table(),
        "commands": show_commands_table(),
    }
    for name, table in tables.items():
        begin, end = f"<!-- {name}: written by python -m protocol.reference -->\n", f"<!-- {name} ends -->\n"
        before, _, rest = page.partition(begin)
        _, found, after = rest.partition(end)
        if not found:
            raise ValueError(f"docs/protocol.md has no place for the table {name!r}")
        page = before + begin + table + end + after
    return page


def messages_table(forms: Mapping[str, MessageFormat]) -> str:
    """Address, type tags (optional ones in brackets), names of the arguments and meaning of each message."""
    kinds = {form.address: kind for kind, form in FORMATS.items()}
    rows = (
        (f"`{address}`", _tags(form), _names(kinds[address]), meaning(kinds[address]))
        for address, form in forms.items()
    )
    return _table(("address", "types", "arguments", "meaning"), rows)


def meaning(kind: type[Message]) -> str:
    """What the class's docstring says after the address and its colon, as one line."""
    return " ".join((kind.__doc__ or "").partition("`: ")[2].replace("``", "`").split())


def parameters_table() -> str:
    """All parameters of a performance whose voices' slugs are left open."""
    return _table(
        ("address", "type", "range", "default", "unit", "meaning"),
        (
            (f"`{each.address}`", TYPES[each.tags], _range(each), _default(each), each.unit, _quoted(each.description))
            for each in ParameterTree([ANY]).values()
        ),
    )


def signals_table() -> str:
    """All signals, the voices' slugs left open."""
    return _table(
        ("address", "types", "arguments", "range", "unit", "meaning"),
        (
            (
                f"`{each.address}`",
                f"`{' '.join(each.tags)}`",
                each.arguments,
                f"{each.low:g} to {each.high:g}",
                each.unit,
                _quoted(each.description),
            )
            for each in signals([ANY]).values()
        ),
    )


def show_commands_table() -> str:
    """All commands of a show. A number or a name is "i/s": either will do."""
    return _table(
        ("address", "types", "arguments", "meaning"),
        (
            (f"`{each.address}`", _show_command_tags(each), each.names, each.description)
            for each in SHOW_COMMANDS.values()
        ),
    )


def _show_command_tags(form: ShowCommandFormat) -> str:
    names = ["i/s" if tag == WHICH else tag for tag in form.tags]
    tags = [name if place < form.needed else f"[{name}]" for place, name in enumerate(names)]
    return f"`{' '.join(tags)}`" if tags else ""


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [tuple(head), *(tuple(row) for row in rows)]
    lines.insert(1, ("---",) * len(lines[0]))
    return "".join("| " + " | ".join(cells) + " |\n" for cells in lines)


def _quoted(description: str) -> str:
    """``description`` with the placeholder as code, since a page would take it for HTML."""
    return description.replace(ANY, f"`{ANY}`")


def _tags(form: MessageFormat) -> str:
    tags = [tag if place < form.needed else f"[{tag}]" for place, tag in enumerate(form.tags)]
    return f"`{' '.join(tags)}`" if tags else ""


def _names(kind: type[Message]) -> str:
    return ", ".join(field.name for field in fields(kind))


def _range(parameter: Parameter) -> str:
    if parameter.tags == "T":
        return ""
    return f"{parameter.high:g} at most" if parameter.tags == "s" else f"{parameter.low:g} to {parameter.high:g}"


def _default(parameter: Parameter) -> str:
    values = parameter.default if isinstance(parameter.default, tuple) else (parameter.default,)
    return ", ".join(_shown(value) for value in values)


def _shown(value: float | str) -> str:
    if isinstance(value, str):
        return value
    return str(value).lower() if isinstance(value, bool) else f"{value:g}"


if __name__ == "__main__":
    main()
