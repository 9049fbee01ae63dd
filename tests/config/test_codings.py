"""Who is sent which coding."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import codings


@pytest.mark.parametrize(
    ("header", "packs"),
    [
        ("", False),
        ("gzip", True),
        ("br, gzip;q=0.8", True),
        ("gzip;q=0", False),
        ("gzip;q=0.000", False),
        ("GZip;Q=1.000", True),
        ("x-gzip", True),
        ("*", True),
        ("*;q=0", False),
        ("gzip;q=0, *", False),
        ("gzip, *;q=0", True),
        ("identity", False),
        ("identity, gzip", True),
        ("identity, gzip;q=0.9", False),
        ("identity;q=0, *", True),
        ("gzip; q = 0.5", True),
        ("gzip;q=2", False),
        ("gzip;level=9", False),
        ("deflate, br", False),
        (", ,gzip,", True),
    ],
)
def test_gzip_goes_to_those_who_take_it_and_want_it_no_less(header: str, *, packs: bool) -> None:
    assert codings.prefers_gzip(header) is packs


@given(st.text(max_size=60))
def test_no_header_is_too_odd_to_be_read(header: str) -> None:
    assert codings.prefers_gzip(header) in {True, False}


@given(st.sampled_from(("gzip", "x-gzip", "*")), st.sampled_from(("0", "0.", "0.0", "0.000")))
def test_a_weight_of_nothing_is_a_refusal(coding: str, weight: str) -> None:
    assert not codings.prefers_gzip(f"br, {coding};q={weight}")
