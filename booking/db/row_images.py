"""Rows as plain data: what a change wrote over, and writing it back."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any

from sqlalchemy import Date, inspect
from sqlalchemy import Enum as EnumType
from sqlalchemy.types import TypeEngine

from booking.db.transactions import UtcDateTime
from booking.db.versions import column_values
from booking.extensions import Model

Image = dict[str, Any]  # column → value as JSON
Images = dict[str, Image]  # by "table:id"


def row_key(row: Model) -> str:
    """Return what names a row: its table and its id."""
    (number,) = inspect(row).identity or (None,)
    return f"{row.__tablename__}:{number}"


def read_image(row: Model) -> Image:
    """Return what a row holds, without the count of its versions."""
    counter = inspect(type(row)).version_id_col
    values = column_values(row)
    return {
        name: _encode(value)
        for name, value in values.items()
        if counter is None or name != counter.key
    }


def read_images(rows: Iterable[Model]) -> Images:
    """Return what rows hold, by their keys."""
    return {row_key(row): read_image(row) for row in rows}


def compute_differences(images: Images, others: Images) -> Images:
    """Return, of each row in both, the values of `images` that are others in `others`."""
    differences = {
        key: {name: value for name, value in image.items() if value != others[key][name]}
        for key, image in images.items()
        if key in others
    }
    return {key: image for key, image in differences.items() if image}


def holds(row: Model, image: Mapping[str, Any]) -> bool:
    """Tell whether a row has the values of an image."""
    current = read_image(row)
    return all(current[name] == value for name, value in image.items())


def write_image(row: Model, image: Mapping[str, Any]) -> None:
    """Write the values of an image into a row."""
    columns = inspect(type(row)).columns
    for name, value in image.items():
        setattr(row, name, _decode(columns[name].type, value))


def _encode(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return value.value if isinstance(value, Enum) else value


def _decode(kind: TypeEngine[Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, UtcDateTime):
        return datetime.fromisoformat(value)
    if isinstance(kind, Date):
        return date.fromisoformat(value)
    return kind.enum_class(value) if isinstance(kind, EnumType) and kind.enum_class else value
