"""From Pydantic's errors to located findings: JSON Pointers, plain sentences, and what would be right."""

from __future__ import annotations

import difflib
import re
import types
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ModelWrapValidatorHandler, ValidationError
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from optimiser.basics.finding import Finding, Severity, shown

Location = tuple[int | str, ...]
Model = TypeVar("Model", bound=BaseModel)

MAX_VALUE_LENGTH = 200
MOST_MERGED = 20_000
"""Where a model has more errors than this, only their number is told: each takes memory."""
TOO_MANY = "too_many_errors"
"""Code of that one error."""
MOST_CONTRADICTIONS = 200
"""Between the parts of one document; the rest is told once these are mended."""
LONGEST_WORD, MOST_COMPARED = 200, 2000
"""Spellings are compared within these; more takes long."""

ID_FORM = r"^[a-z0-9][a-z0-9._-]{0,63}$"
CURRENCY_FORM = r"^[A-Z]{3}$"
FORMS = {
    ID_FORM: "lower-case letters, digits, dots, hyphens and underscores, like oslo-east",
    CURRENCY_FORM: "the three capitals of ISO 4217, like NOK",
}
"""What a text of some pattern looks like, in words."""


def nearest(word: str, known: Iterable[str], *, alike: float = 0.6) -> str | None:
    """The known word that was probably meant, or None; of very many words the first are looked at."""
    if len(word) > LONGEST_WORD:
        return None
    spelled = {candidate.casefold(): candidate for candidate in islice(known, MOST_COMPARED)}
    matches = difflib.get_close_matches(word.casefold(), spelled, n=1, cutoff=alike)
    return spelled[matches[0]] if matches else None


def pointer(location: Sequence[int | str]) -> str:
    """JSON Pointer (RFC 6901) of a location."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in location)


def custom_error(code: str, message: str, *, at: Location, value: Any = None, hint: str = "") -> InitErrorDetails:
    """An error of our own in Pydantic's shape, which takes no halves of characters."""
    # Braces would be read as placeholders of Pydantic's message template.
    text = shown(message).replace("{", "(").replace("}", ")")
    return InitErrorDetails(type=PydanticCustomError(code, text, {"hint": shown(hint)}), loc=at, input=value)


def validated(
    title: str, handler: ModelWrapValidatorHandler[Model], data: Any, more: Sequence[InitErrorDetails]
) -> Model:
    """
    What a model's own validation makes of data.

    Raises
    ------
    ValidationError
        Its errors, and `more` that are between its fields, at once.
    """
    try:
        model = handler(data)
    except ValidationError as error:
        raise _merged(title, error, more) from None
    if more:
        raise _merged(title, None, more)
    return model


def _merged(title: str, error: ValidationError | None, more: Sequence[InitErrorDetails]) -> ValidationError:
    """One error that holds those of `error` and `more`."""
    if error and error.error_count() > MOST_MERGED:
        text = f"there are {error.error_count()} errors, too many to list"
        return ValidationError.from_exception_data(
            title, [custom_error(TOO_MANY, text, at=(), hint="mend a part first")]
        )
    known = [_again(details) for details in error.errors(include_url=False)] if error else []
    return ValidationError.from_exception_data(title, [*known, *more])


def _again(details: ErrorDetails) -> InitErrorDetails:
    kind: str | PydanticCustomError = details["type"]
    context = details.get("ctx", {})
    if "hint" in context:
        kind = PydanticCustomError(details["type"], details["msg"], context)
    return InitErrorDetails(type=kind, loc=details["loc"], input=details["input"], ctx=context)


def findings_of(
    error: ValidationError, *, model: type[BaseModel], source: str, most: int | None = None
) -> tuple[Finding, ...]:
    """
    Every error of `error`, or the first of them, as findings.

    Each `where` is a JSON Pointer into the document checked by `model`.
    """
    return tuple(
        Finding(
            code=details["type"],
            severity=Severity.ERROR,
            source=source,
            where=pointer(_walked(model, details["loc"])[0]),
            value=_short(details["input"]) if details["type"] != "missing" else None,
            message=_message(details),
            hint=_hint(details, model),
        )
        for details in islice(error.errors(include_url=False), most)
    )


def _message(details: ErrorDetails) -> str:
    field = str(details["loc"][-1]) if details["loc"] else "document"
    if details["type"] == "missing":
        return f"{field} is missing"
    if details["type"] == "extra_forbidden":
        return f"{field} is not known here"
    if details["type"] == "string_pattern_mismatch":
        return f"{field} is {_short(details['input'])!r}, of another form"
    if details["type"] in _LENGTHS and "hint" not in details["ctx"]:
        length = len(details["input"])
        return f"{field} holds {length:,} item{'' if length == 1 else 's'}"
    message = details["msg"].removeprefix("Value error, ").removeprefix("Input ")
    message = message.replace("a valid tuple", "a list")
    message = re.sub("a valid dictionary( or instance of [A-Za-z]+)?", "an object", message)
    if "hint" in details.get("ctx", {}) and not message.startswith(("is ", "has ", "holds ", "must ")):
        return message
    value = _short(details["input"])
    return f"{field} is {value!r}, {message}" if not isinstance(value, (Mapping, list)) else f"{field} {message}"


def _hint(details: ErrorDetails, model: type[BaseModel]) -> str:
    context = details.get("ctx", {})
    if "hint" in context:
        return str(context["hint"])
    if details["type"] == "extra_forbidden":
        siblings = _fields_at(model, details["loc"][:-1])
        guess = nearest(str(details["loc"][-1]), siblings)
        return f"did you mean {guess}?" if guess else f"known here: {', '.join(siblings)}"
    if details["type"] == "string_pattern_mismatch":
        return FORMS.get(context["pattern"], f"matching {context['pattern']}")
    if details["type"] == "missing":
        return _described(model, details["loc"])
    if details["type"] == "model_type":
        return f"{_HINTS['dict_type']}, of {', '.join(_fields_at(model, details['loc']))}"
    what = "an object" if context.get("field_type") == "Dictionary" else "a list"
    hint = {**_HINTS, **_LENGTHS}.get(details["type"], "").format(what=what, **context)
    is_share = details["type"] == "less_than_equal" and context["le"] == 1.0 and isinstance(context["le"], float)
    return hint + per_cent(details["input"]) if is_share else hint


def per_cent(said: Any) -> str:
    """What a number that is no share would be as one, where it looks like per cent: a hint to go on with."""
    is_number = isinstance(said, (int, float)) and not isinstance(said, bool)
    return f"; {said:g} % is {said / 100:g}" if is_number and 2 <= said <= 100 else ""


_HINTS = {
    "int_parsing": "use a whole number",
    "int_from_float": "use a whole number",
    "float_parsing": "use a number with a decimal point",
    "finite_number": "use a finite number",
    "greater_than_equal": "{ge} or more",
    "greater_than": "more than {gt}",
    "less_than_equal": "{le} or less",
    "less_than": "less than {lt}",
    "bool_type": "true or false, without quotes",
    "string_type": "a text",
    "dict_type": "an object, in TOML a table",
    "tuple_type": "a list in brackets, also of one",
    "literal_error": "one of {expected}",
    "time_parsing": "a local time like 22:00",
    "timezone_aware": "add an offset, like 2026-11-22T21:00:00+01:00",
    "datetime_from_date_parsing": "RFC 3339 with an offset, like 2026-11-22T21:00:00+01:00",
}

_LENGTHS = {"too_long": "{what} of at most {max_length:,}", "too_short": "{what} of at least {min_length:,}"}


def _fields_at(model: type[BaseModel], location: Sequence[int | str]) -> list[str]:
    """Names known at a location of the document."""
    _, models = _walked(model, location)
    return list(dict.fromkeys(name for one in models for name in _named_fields(one)))


def _described(model: type[BaseModel], location: Sequence[int | str]) -> str:
    """What is told of a field that has a description."""
    _, models = _walked(model, location[:-1])
    fields = {field.alias or name: field for one in models for name, field in one.model_fields.items()}
    told = field.description if (field := fields.get(str(location[-1]))) else None
    return (told or "").removesuffix(".")


def _walked(model: type[BaseModel], location: Sequence[int | str]) -> tuple[Location, list[type[BaseModel]]]:
    """The location without what only says which of several forms is meant, and the models that may stand there."""
    current, steps = [model], []
    for part in location:
        if chosen := [one for one in current if _is_tagged(one, part)]:
            current = chosen
            continue
        steps.append(part)
        known = next((fields for one in current if part in (fields := _named_fields(one))), None)
        if known is not None:
            current = _models_inside(known[str(part)])
    return tuple(steps), current


def _is_tagged(model: type[BaseModel], part: int | str) -> bool:
    """Whether this part of a location only says which of several forms is meant, and it is this one."""
    form = model.model_fields.get("type")
    return form is not None and part in get_args(form.annotation)


def _named_fields(model: type[BaseModel]) -> dict[str, Any]:
    """Types of a model's fields by their names in a document."""
    return {field.alias or name: field.annotation for name, field in model.model_fields.items()}


def _models_inside(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    if get_origin(annotation) in (tuple, list, dict, Annotated, Union, types.UnionType):
        return [found for inner in get_args(annotation) for found in _models_inside(inner)]
    return []


def _short(value: Any) -> Any:
    """The value as given, cut where it would flood a report; containers as their size."""
    if isinstance(value, str) and len(value) > MAX_VALUE_LENGTH:
        return value[:MAX_VALUE_LENGTH] + "…"
    if isinstance(value, int) and abs(value) >= 2**63:
        return f"a whole number of {value.bit_length()} bits"
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    if isinstance(value, Mapping):
        return {}
    if isinstance(value, (list, tuple)):
        return []
    return str(value)[:MAX_VALUE_LENGTH]
