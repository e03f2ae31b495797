"""What others publish and we keep is as they published it."""

import gzip
from hashlib import sha256

from tests.second_engine import ENGINE


def test_the_second_engine_is_what_was_published() -> None:
    """accessibility-checker-engine 4.0.34's ace.js."""
    published = "1fd7c18b2aa5ba3ec0444a275e2e08e2823c317316c6613d1c273d2a688760fa"
    assert sha256(gzip.decompress(ENGINE.read_bytes())).hexdigest() == published
