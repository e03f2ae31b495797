"""What the database keeps of a second factor's secret can't be read without the settings."""

import pytest

from booking.staff.secret_box import SecretBox, UnreadableSecret


def test_a_secret_is_read_with_the_keys_of_the_settings_only() -> None:
    old, new = SecretBox.from_settings("old", "x"), SecretBox.from_settings("new, old", "x")
    kept = old.encrypt("secret")
    assert new.decrypt(kept) == "secret"
    with pytest.raises(UnreadableSecret):
        SecretBox.from_settings("", "x").decrypt(kept)
    assert (
        SecretBox.from_settings("", "x").decrypt(SecretBox.from_settings("", "x").encrypt("a"))
        == "a"
    )
