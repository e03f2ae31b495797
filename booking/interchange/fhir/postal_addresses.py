"""An address as one line, in FHIR's parts (R4 Address)."""

import re
from typing import Any

# "100 Example Parkway, Suite 4, Phoenix, AZ 85048": street, city, state, ZIP code
US_ADDRESS = re.compile(
    r"(?P<street>.+), *(?P<city>[^,]+), *(?P<state>[A-Z]{2}) +(?P<zip_code>\d{5}(?:-\d{4})?)"
)


def address_to_fhir(address: str) -> dict[str, Any]:
    """Return an address in its parts where it is written as in the US, else as text alone."""
    match = US_ADDRESS.fullmatch(address.strip())
    if match is None:
        return {"text": address}
    return {
        "use": "work",
        "text": address,
        "line": [line.strip() for line in match["street"].split(",")],
        "city": match["city"].strip(),
        "state": match["state"],
        "postalCode": match["zip_code"],
        "country": "US",
    }
