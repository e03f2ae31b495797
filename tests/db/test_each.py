"""Of many that are dealt with one by one, one that fails holds up no other."""

import pytest
from structlog.testing import capture_logs

from booking.db.each import run_each


def _fail_at_two(row_id: int) -> bool:
    if row_id == 2:
        raise ValueError("two")
    return row_id > 1


def test_the_others_are_dealt_with_and_those_done_are_counted() -> None:
    seen: list[int] = []

    def operation(row_id: int) -> bool:
        seen.append(row_id)
        return _fail_at_two(row_id)

    assert run_each([1, 2, 3, 4], operation, "broke") == 2
    assert seen == [1, 2, 3, 4]


def test_what_failed_is_logged_by_its_id() -> None:
    with capture_logs() as lines:
        run_each([1, 2, 3], _fail_at_two, "broke")
    assert [(line["event"], line["id"], str(line["exc_info"])) for line in lines] == [
        ("broke", 2, "two")
    ]


def test_a_process_that_is_told_to_end_does() -> None:
    def end(_row_id: int) -> None:
        raise SystemExit

    with pytest.raises(SystemExit):
        run_each([1], end, "broke")
