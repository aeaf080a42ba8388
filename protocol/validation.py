"""What the files of users may hold, said by types: pydantic reads them, and what is wrong becomes one line of ours.

The shape of a file, or of an entry of one, is a frozen dataclass (or a list or table of them) whose annotations say
what is allowed, such as ``channel: Annotated[int, Interval(ge=1, le=16)]``. Nothing is converted: "1" is no number, and
true is none either. ``doc("a colour such as #7DE4FF")`` beside an annotation says it in words where the type does not.
What is read comes from ``protocol.documents``, whose bounds therefore hold. pydantic is loaded by the first reading and
not before. Every room may import this module. Any thread.
"""

from __future__ import annotations

import json
import types
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, Generic, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from annotated_types import DocInfo, Ge, Interval, Le, Len, MaxLen

from protocol.errors import AntiphonError, ParameterError

if TYPE_CHECKING:
    from pydantic import TypeAdapter
    from pydantic_core import ErrorDetails

LONGEST_SHOWN = 40  # characters of a value or a name in a complaint
PLAIN = {int: "a whole number", float: "a number", bool: "true or false", str: "text", type(None): "nothing"}

T = TypeVar("T")


class Shape(Generic[T]):
    """What a part of a file is to look like. ``of`` is the type that is read into.

    ``error`` is raised for what does not fit. ``unknown`` keys of a table are an error, or passed over.
    """

    def __init__(
        self, of: type[T], error: type[AntiphonError] = ParameterError, unknown: Literal["forbid", "ignore"] = "forbid"
    ) -> None:
        self._of, self._error, self._unknown = of, error, unknown

    @cached_property
    def _adapter(self) -> TypeAdapter[T]:
        from pydantic import TypeAdapter

        return TypeAdapter(self._of)

    def read(self, value: object, where: str = "") -> T:
        """``value`` (plain, as a parser gave it) in this shape.

        Raises the shape's error: one line that begins with ``where`` and says what is wrong and what is allowed.
        """
        from pydantic import ValidationError

        try:
            text = json.dumps(value, allow_nan=False, default=str)  # default: the dates of TOML
        except ValueError:
            raise self._error(f"{where or 'it'} holds a number that is not finite") from None
        try:
            return self._adapter.validate_json(text, strict=True, extra=self._unknown)
        except self._error as error:  # of what the type itself checks
            raise self._error(f"{where}: {error}" if where else str(error)) from None
        except ValidationError as error:
            raise self._error(_complaint(self._of, error.errors(include_url=False)[0], where)) from None

    def read_each(self, values: object, where: str, most: int) -> tuple[list[T], list[str]]:
        """The entries of a list that fit, and one line for each of the others, such as "binding 3: ...".

        Raises the shape's error where ``values`` is no list, or has more than ``most`` entries.
        """
        if not isinstance(values, list) or len(values) > most:
            raise self._error(f"{where}s are to be a list of at most {most}")
        good, complaints = [], []
        for place, value in enumerate(values, 1):
            try:
                good.append(self.read(value, f"{where} {place}"))
            except self._error as error:
                complaints.append(str(error))
        return good, complaints


def _complaint(form: Any, error: ErrorDetails, where: str) -> str:
    """One line for what pydantic found; ``form`` is the type that was read into."""
    names = [where] if where else []
    for part in error["loc"]:
        inner = _inside(form, part)
        if inner is None:
            break
        if isinstance(part, str):
            names.append(part[:LONGEST_SHOWN])
        else:
            names = [*names[:-1], f"{names[-1] if names else 'entry'} {part + 1}"]
        form = inner
    name = ": ".join(names) or "it"
    prefix = f"{name}: " if names else ""
    match error["type"]:
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
    most = next((mark.max_length for mark in marks if isinstance(mark, Len | MaxLen)), None)
    if low is not None or high is not None:
        if high is None:
            return f"{PLAIN[plain]} of {_number(low)} or more"
        return f"{PLAIN[plain]} " + (
            f"of at most {_number(high)}" if low is None else f"from {_number(low)} to {_number(high)}"
        )
    if plain in PLAIN:
        return PLAIN[plain] if most is None else f"{PLAIN[plain]} of at most {most} characters"
    if _is_table(plain):
        return "a table" if most is None else f"a table of at most {most}"
    if get_origin(plain) is tuple and get_args(plain)[-1] is not ...:
        return f"a list of {len(get_args(plain))}"
    return "a list" if most is None else f"a list of at most {most}"


def _number(bound: Any) -> str:
    return f"{bound:g}" if isinstance(bound, float) else str(bound)


def _bare(form: Any) -> Any:
    """``form`` without what stands beside it in ``Annotated``."""
    return get_args(form)[0] if get_origin(form) is Annotated else form


def _is_table(plain: Any) -> bool:
    return is_dataclass(plain) or plain is dict or get_origin(plain) in (dict, Mapping)


def _inside(form: Any, part: int | str) -> Any:
    """The type at ``part`` of a value of type ``form``; None where there is none to be told."""
    plain = _bare(form)
    if is_dataclass(plain):
        return get_type_hints(plain, include_extras=True).get(str(part))
    arguments = get_args(plain)
    if isinstance(part, int) and get_origin(plain) in (tuple, list, Sequence):
        fixed = get_origin(plain) is tuple and arguments[-1] is not ...
        return arguments[part] if fixed and part < len(arguments) else arguments[0]
    return arguments[1] if _is_table(plain) and len(arguments) == 2 else None
