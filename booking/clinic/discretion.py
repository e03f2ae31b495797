"""What tells others what is treated: no text, e-mail or calendar entry may show it (DESIGN §4, 10)."""

import re
import unicodedata

# Parts of words, without accents, in English and Spanish. The town of Dripping Springs tells nothing.
TELLING = re.compile(
    r"ketamin|quetamin|\bcetamin|spravato|infusion|drip(?!ping)|goteo"
    r"|depress|depresi|bipolar|suicid|psych|psico|psiqui|\bmental\b",
    re.IGNORECASE,
)


def is_telling(text: str) -> bool:
    """Tell whether a name or an address says what is treated, however its letters are written."""
    decomposed = unicodedata.normalize("NFKD", text)
    return bool(TELLING.search("".join(c for c in decomposed if not unicodedata.combining(c))))
