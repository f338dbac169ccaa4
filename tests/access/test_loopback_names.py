"""Which `Host` headers name the loopback."""

from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.access import is_loopback_name


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LocalHost",
        "localhost:8000",
        "127.0.0.1",
        "127.0.0.1:1",
        "127.0.0.0",
        "127.255.255.255:65535",
        "[::1]",
        "[::1]:8000",
    ],
)
def test_a_name_of_the_loopback_with_or_without_a_port(host):
    assert is_loopback_name(host)


@pytest.mark.parametrize(
    "host",
    [
        "",
        "localhost.evil.example",
        "localhost.",
        "evil.example",
        "evil.example:localhost",
        "localhost@evil.example",
        "localhost:",
        "localhost:port",
        "localhost:123456",
        "localhost:8000:8000",
        "localhost\n",
        " localhost",
        "\u017focalhost",
        "localho\u017ft",
        "127.0.0.1.evil.example",
        "127.0.0.1.",
        "127.0.0",
        "127.1",
        "127.0.0.256",
        "127.0.0.01",
        "127.0.0.1:\u0668",
        "127.\u0660.0.1",
        "126.255.255.255",
        "128.0.0.0",
        "0.0.0.0",  # noqa: S104
        "::1",
        "[::1",
        "[::2]",
        "[::ffff:127.0.0.1]",
        "[::1].evil.example",
    ],
)
def test_any_other_name(host):
    assert not is_loopback_name(host)


@given(st.integers(0, 2**32 - 1) | st.integers(127 << 24, (128 << 24) - 1))
def test_an_address_is_the_loopback_if_it_is_in_127_0_0_0_8(number):
    address = IPv4Address(number)
    assert is_loopback_name(str(address)) is address.is_loopback


@given(st.text())
def test_any_text_is_judged(text):
    assert is_loopback_name(text) in (True, False)
