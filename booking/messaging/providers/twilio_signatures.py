"""The check of Twilio's signatures: all that the web needs of Twilio."""

from collections.abc import Mapping

from twilio.request_validator import RequestValidator, get_signature_algorithm


def is_valid_signature(
    auth_token: str,
    public_url: str,
    path_and_query: str,
    form: Mapping[str, str],
    headers: Mapping[str, str],
) -> bool:
    """Tell whether a webhook request comes from Twilio.

    The signature is over the exact public address, which a proxy may have changed on the way: it is
    rebuilt from `public_url` and `path_and_query` (as sent, query string included). `form` may be
    Werkzeug's MultiDict. Both of Twilio's schemes are known: HMAC-SHA1, and HMAC-SHA256 by header.
    """
    if not auth_token:
        return False
    algorithm = get_signature_algorithm(headers.get("X-Twilio-Webhooks-Signature-Settings", ""))
    signature = headers.get("X-Twilio-Signature", "")
    url = public_url.rstrip("/") + path_and_query
    return bool(RequestValidator(auth_token).validate(url, form, signature, algorithm))
