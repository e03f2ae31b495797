"""What the rows of another system's export say, field by field, in columns known by their headings."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from booking.importing.columns import ADDRESS, Fields
from booking.importing.tables import Line

Columns = Mapping[str, tuple[str, ...]]  # headings by field, the best known first


class MissingColumns(Exception):
    """A file has no column for what every row needs; the message names it."""


@dataclass(frozen=True, slots=True)
class Cells:
    """What a row says of each field: its filled cells, those of the best known column first."""

    values: Mapping[str, tuple[str, ...]]

    def all(self, field: str) -> tuple[str, ...]:
        """Return what each column of a field says."""
        return self.values.get(field, ())

    def first(self, field: str) -> str:
        """Return what the best known column says that isn't empty in this row; "" where all are."""
        return next(iter(self.all(field)), "")


def recognize_columns(
    headings: Iterable[str], fields: Fields, required: tuple[str, ...]
) -> Columns:
    """Return the headings of each field that a file has.

    Raises `MissingColumns` for a file without names, or with none of the required fields.
    """
    heading_by_key = {_key_of(heading): heading for heading in reversed(list(headings))}
    if ADDRESS & heading_by_key.keys():
        heading_by_key.pop("state", None)  # Arizona, not confirmed
    columns = {
        field: tuple(heading_by_key[key] for key in keys if key in heading_by_key)
        for field, keys in fields.items()
    }
    if not (columns["given_name"] and columns["family_name"]) and not columns["name"]:
        raise MissingColumns("there is no column for names, like First Name and Last Name")
    if not any(columns[field] for field in required):
        raise MissingColumns(f"there is no column for the {required[0].replace('_', ' ')}")
    return columns


def has_headings(cells: Iterable[str], fields: Fields, required: tuple[str, ...]) -> bool:
    """Tell whether a row has the headings of what is needed."""
    try:
        recognize_columns(cells, fields, required)
    except MissingColumns:
        return False
    return True


def parse_cells(line: Line, columns: Columns) -> Cells:
    """Return what a row says of each field."""
    return Cells(
        {
            field: tuple(filter(None, (line.cells.get(heading, "") for heading in headings)))
            for field, headings in columns.items()
        }
    )


def _key_of(heading: str) -> str:
    """Return a heading as the fields spell it: "Client: First name" is client_first_name."""
    letters = (letter if letter.isalnum() else " " for letter in heading.casefold())
    return "_".join("".join(letters).split())


def split_name(name: str) -> tuple[str, str]:
    """Return given and family name of "Ruiz, Maria" or "Maria Ruiz"; the last word is the family's."""
    if "," in name:
        family_name, _, given_name = name.partition(",")
    else:
        given_name, _, family_name = name.strip().rpartition(" ")
    return given_name.strip(), family_name.strip()
