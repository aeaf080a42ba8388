"""What the files of users may hold, said by types: pydantic reads them, and what is wrong becomes one line of ours.

The shape of a file, or of an entry of one, is a frozen dataclass (or a list or table of them) whose annotations say
what is allowed, such as ``channel: Annotated[int, Interval(ge=1, le=16)]``. Nothing is converted: "1" is no number, and
true is none either. ``doc("a colour such as #7DE4FF")`` beside an annotation says it in words where the type does not.
What is read comes from ``protocol.documents``, whose bounds therefore hold. pydantic is loaded by the first reading and
not before. Every room may import this module. Any thread.
"""

from __future__ import annotations

import json
import math
import types
from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cached_property
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Generic,
    Literal,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

from annotated_types import DocInfo, Ge, Interval, Le, Len, MaxLen

from protocol.errors import AntiphonError, ParameterError

if TYPE_CHECKING:
    from pydantic import TypeAdapter
    from pydantic_core import ErrorDetails

LONGEST_SHOWN = 40  # characters of a value or a name in a complaint
PLAIN = {int: "a whole number", float: "a number", bool: "true or false", str: "text", type(None): "nothing"}

KEY = "[key]"  # what pydantic calls the place of a table's key

Place = tuple[int | str, ...]
T = TypeVar("T")


class Shape(Generic[T]):
    """What a part of a file is to look like. ``of`` is the type that is read into.

    ``error`` is raised for what does not fit. ``unknown`` keys of a table are an error, or passed over.
    """

    def __init__(
        self,
        of: type[T] | types.UnionType,
        error: type[AntiphonError] = ParameterError,
        unknown: Literal["forbid", "ignore"] = "forbid",
    ) -> None:
        self._of, self._error, self._unknown = of, error, unknown

    @cached_property
    def _adapter(self) -> TypeAdapter[T]:
        from pydantic import TypeAdapter

        return TypeAdapter(cast("type[T]", self._of))

    def read(self, value: object, where: str = "") -> T:
        """``value`` (plain, as a parser gave it) in this shape.

        Raises the shape's error: one line that begins with ``where`` and says what is wrong and what is allowed.
        """
        from pydantic import ValidationError

        try:
            return self._validated(value)
        except ValidationError as error:
            raise self._error(_complaint(self._of, error.errors(include_url=False)[0], where)) from None

    def read_json(self, text: str, where: str = "") -> T:
        """What a JSON ``text`` says, many times faster than by way of ``json_of``. It is to be short: its length alone
        bounds it, and only what ``Interval`` bounds is known to be finite. Raises the shape's error."""
        from pydantic import ValidationError

        try:
            return self._adapter.validate_json(text, strict=True, extra=self._unknown)
        except ValidationError as error:
            raise self._error(_complaint(self._of, error.errors(include_url=False)[0], where)) from None

    def read_what_fits(self, value: object, where: str = "") -> tuple[T, list[str]]:
        """``value`` without the entries that make no sense, and one line for each of those.

        An entry is a value of the table, or where that is a table or a list itself, a value of that. Raises the shape's
        error where it is something else that is wrong.
        """
        from pydantic import ValidationError

        complaints: list[str] = []
        while True:
            try:
                return self._validated(value), complaints
            except ValidationError as error:
                wrong: dict[Place, str] = {}
                for each in error.errors(include_url=False):
                    wrong.setdefault(_entry(value, each["loc"]), _complaint(self._of, each, where))
            if () in wrong:
                raise self._error([*complaints, wrong[()]][0])  # without an entry that it needs, it is none
            complaints += wrong.values()
            value = _without(value, wrong)

    def read_rows(self, rows: Sequence[object], where: str) -> tuple[list[T | None], list[str]]:
        """Each of a list's ``rows`` as ``read_what_fits`` gives it, None for those that cannot be read at all, and one
        line for all that was left out, such as "scene 2: name is missing"."""
        found: list[T | None] = []
        complaints: list[str] = []
        for place, row in enumerate(rows, 1):
            try:
                good, wrong = self.read_what_fits(row, f"{where} {place}")
            except self._error as error:
                good, wrong = None, [str(error)]
            found.append(good)
            complaints += wrong
        return found, complaints

    def _validated(self, value: object) -> T:
        """Raises pydantic's ``ValidationError``. By way of JSON, where lists are read as tuples and tables as ours."""
        try:
            text = json.dumps(_plain(value))
        except RecursionError:
            raise self._error("it is nested too deep") from None
        return self._adapter.validate_json(text, strict=True, extra=self._unknown)


def _plain(value: object) -> object:
    """``value`` as JSON can hold it: what is no finite number, and TOML's dates, as the words that stand for them.

    Half a pair of surrogates, which is no Unicode, becomes a question mark.
    """
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value if isinstance(value, int | float | None) else str(value)


def _entry(value: object, place: Place) -> Place:
    """The part of a table that is left out for what is wrong at ``place``; () where there is none."""
    inner = value.get(place[0]) if isinstance(value, dict) and place else None
    if isinstance(inner, dict) and place[1:2] and place[1] in inner:
        return place[:2]
    if isinstance(inner, list) and place[1:2] and isinstance(place[1], int) and place[1] < len(inner):
        return place[:2]
    return place[:1] if isinstance(value, dict) and place and place[0] in value else ()


def _without(value: Any, places: Collection[Place]) -> dict[Any, Any]:
    """The table ``value`` without the entries at ``places``."""
    left = {}
    for key, inner in value.items():
        if (key,) in places:
            continue
        if isinstance(inner, dict):
            inner = {name: each for name, each in inner.items() if (key, name) not in places}
        elif isinstance(inner, list):
            inner = [each for place, each in enumerate(inner) if (key, place) not in places]
        left[key] = inner
    return left


def _complaint(form: Any, error: ErrorDetails, where: str) -> str:
    """One line for what pydantic found; ``form`` is the type that was read into."""
    names, key = [where] if where else [], Any
    for part in error["loc"]:
        if part == KEY:
            return f"{': '.join(names[:-1])}: a name is to be {allowed(key)}, not {_shown(error['input'])}"
        key, inner = _inside(form, part)
        if inner is None:
            break
        if isinstance(part, str):
            short = part[:LONGEST_SHOWN]
            names.append(short if short.isprintable() else repr(short))
        else:
            names = [*names[:-1], f"{names[-1] if names else 'entry'} {part + 1}"]
        form = inner
    name = ": ".join(names) or "it"
    prefix = f"{name}: " if names else ""
    match error["type"]:
        case "json_invalid":
            return f"{name} is no JSON"
        case "missing" | "missing_argument":
            return f"{name} is missing: {allowed(form)}"
        case "unexpected_keyword_argument" | "extra_forbidden":
            known = ", ".join(field.name for field in fields(_bare(form)))
            return f"{prefix}there is no {str(error['loc'][-1])[:LONGEST_SHOWN]!r}; there are {known}"
        case "value_error" | "assertion_error":
            return f"{prefix}{error['ctx']['error']}"
    return f"{name} is to be {allowed(form)}, not {_shown(error['input'])}"


def _shown(value: object) -> str:
    words = json.dumps(value) if isinstance(value, bool | None) else str(value)
    return repr(words[:LONGEST_SHOWN])


def allowed(form: Any) -> str:
    """What the type ``form`` allows, in words."""
    plain, marks = _bare(form), form.__metadata__ if get_origin(form) is Annotated else ()
    for mark in marks:
        if isinstance(mark, DocInfo):
            return mark.documentation
    if get_origin(plain) is Literal:
        return "one of " + ", ".join(map(str, get_args(plain)))
    if get_origin(plain) in (Union, types.UnionType):
        return " or ".join(allowed(each) for each in get_args(plain))
    low = next((mark.ge for mark in marks if isinstance(mark, Interval | Ge)), None)
    high = next((mark.le for mark in marks if isinstance(mark, Interval | Le)), None)
    least = next((mark.min_length for mark in marks if isinstance(mark, Len)), 0)
    most = next((mark.max_length for mark in marks if isinstance(mark, Len | MaxLen)), None)
    if low is not None or high is not None:
        if high is None:
            return f"{PLAIN[plain]} of {_number(low)} or more"
        return f"{PLAIN[plain]} " + (
            f"of at most {_number(high)}" if low is None else f"from {_number(low)} to {_number(high)}"
        )
    if plain in PLAIN:
        between = f"{least} or more" if most is None else f"{least} to {most}" if least else f"at most {most}"
        return PLAIN[plain] if most is None and not least else f"{PLAIN[plain]} of {between} characters"
    if _is_table(plain):
        return "a table" if most is None else f"a table of at most {most}"
    if get_origin(plain) is tuple and get_args(plain)[-1] is not ...:
        return f"a list of {len(get_args(plain))}"
    return "a list" if most is None else f"a list of at most {most}"


def _number(bound: Any) -> str:
    return str(int(bound)) if bound == int(bound) else f"{bound:g}"


def _bare(form: Any) -> Any:
    """``form`` without what stands beside it in ``Annotated``."""
    return get_args(form)[0] if get_origin(form) is Annotated else form


def _is_table(plain: Any) -> bool:
    return is_dataclass(plain) or plain is dict or get_origin(plain) in (dict, Mapping)


def _inside(form: Any, part: int | str) -> tuple[Any, Any]:
    """The types of key and value at ``part`` of a value of type ``form``; the latter None where nobody knows it."""
    plain = _bare(form)
    if get_origin(plain) in (Union, types.UnionType):  # X | None
        members = [each for each in get_args(plain) if each is not type(None)]
        plain = _bare(members[0]) if len(members) == 1 else plain
    if is_dataclass(plain):
        return str, get_type_hints(plain, include_extras=True).get(str(part))
    arguments = get_args(plain)
    if isinstance(part, int) and get_origin(plain) in (tuple, list, Sequence):
        fixed = get_origin(plain) is tuple and arguments[-1] is not ...
        return int, arguments[part] if fixed and part < len(arguments) else arguments[0]
    return arguments if _is_table(plain) and len(arguments) == 2 else (str, None)
