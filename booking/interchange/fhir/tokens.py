"""R4's token search: `code`, `system|code`, `|code`, `system|`, with a comma where one of several will do."""

from collections.abc import Sequence
from dataclasses import dataclass

SLOT_STATUS = "http://hl7.org/fhir/slotstatus"


@dataclass(frozen=True, slots=True)
class Token:
    """One code that is searched for. `system` is None where any will do, `code` "" where any of it will."""

    system: str | None
    code: str

    def accepts(self, code: str, system: str = "") -> bool:
        """Tell whether a code is meant. What is of type `code` has a system without stating it."""
        is_of_system = self.system in (None, "", system)
        return is_of_system and self.code in ("", code)


def parse_tokens(text: str) -> Sequence[Token]:
    """Return the codes of which one will do, as one parameter of a search names them."""
    return [_read_token(part) for part in text.split(",")]


def _read_token(text: str) -> Token:
    system, bar, code = text.rpartition("|")
    return Token(system if bar else None, code)
