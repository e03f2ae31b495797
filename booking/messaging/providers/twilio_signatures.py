"""The check of Twilio's signatures: all that the web needs of Twilio."""

from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

from twilio.request_validator import RequestValidator, get_signature_algorithm

BODY_HASH = "bodySHA256"  # of a body that is no form; the query is signed


def is_valid_signature(
    auth_token: str,
    public_url: str,
    path_and_query: str,
    sent: Mapping[str, str] | str,
    headers: Mapping[str, str],
) -> bool:
    """Tell whether a webhook request comes from Twilio.

    The signature is over the exact public address, which a proxy may have changed on the way: it is
    rebuilt from `public_url` and `path_and_query` (as sent, query string included). `sent` is the form,
    which may be Werkzeug's MultiDict, or the text of another body, whose hash must be in the query. Both of
    Twilio's schemes are known: HMAC-SHA1, and HMAC-SHA256 by header.
    """
    is_body_signed = not isinstance(sent, str) or BODY_HASH in parse_qs(
        urlsplit(path_and_query).query
    )
    if not auth_token or not is_body_signed:
        return False
    algorithm = get_signature_algorithm(headers.get("X-Twilio-Webhooks-Signature-Settings", ""))
    signature = headers.get("X-Twilio-Signature", "")
    url = public_url.rstrip("/") + path_and_query
    return bool(RequestValidator(auth_token).validate(url, sent, signature, algorithm))
