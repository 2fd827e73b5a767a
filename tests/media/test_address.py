"""Which addresses a member's link may lead to."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.media.address import is_public

PRIVATE_V4 = (
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "224.0.0.0/4",
    "240.0.0.0/4",
)
PRIVATE_V6 = ("fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8")

private_v4 = st.sampled_from(PRIVATE_V4).flatmap(lambda net: st.ip_addresses(network=IPv4Network(net)))
private_v6 = st.sampled_from(PRIVATE_V6).flatmap(lambda net: st.ip_addresses(network=IPv6Network(net)))


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        "9.255.255.255",
        "11.0.0.0",
        "93.184.216.34",
        "100.63.255.255",
        "100.128.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.0",
        "192.167.255.255",
        "223.255.255.255",
        "168.63.129.15",
        "2001:200::1",
        "2606:4700::1111",
        "2a00:1450:4001:81b::200e",
        "3ffe::1",
        "::ffff:1.1.1.1",
        "64:ff9b::101:101",
    ],
)
def test_an_ordinary_address_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "168.63.129.16",
        "192.0.0.8",
        "192.0.0.9",
        "192.0.2.1",
        "192.31.196.1",
        "192.52.193.1",
        "192.88.99.1",
        "192.175.48.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::1.1.1.1",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:0:7f00:1::1",
        "2001:20::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "2002:101:101::",
        "3fff::1",
        "3fff:fff::1",
        "4000::1",
        "5f00::1",
        "fec0::1",
        "ff0e::1",
    ],
)
def test_an_address_that_the_standard_library_may_call_global_is_refused(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "text", ["", " ", "localhost", "127.1", "0x7f.1", "2130706433", "010.0.0.1", "1.1.1.1 ", "[::1]", "1.1.1.1/32"]
)
def test_anything_but_a_number_in_its_usual_form_is_refused(text: str) -> None:
    assert not is_public(text)


@pytest.mark.parametrize("text", ["fe80::1%eth0", "2606:4700::1111%1", "::ffff:1.1.1.1%lo"])
def test_an_address_with_a_scope_is_refused(text: str) -> None:
    assert not is_public(text)


@given(private_v4)
def test_private_ipv4_is_never_public_in_any_wrapping(inner: IPv4Address) -> None:
    number = int(inner)
    mapped = IPv6Address(int(IPv6Address("::ffff:0:0")) + number)
    nat64 = IPv6Address(int(IPv6Address("64:ff9b::")) + number)
    six_to_four = IPv6Address((0x2002 << 112) + (number << 80))
    compatible = IPv6Address(number)
    assert not any(is_public(str(address)) for address in (inner, mapped, nat64, six_to_four, compatible))


@given(private_v6)
def test_private_ipv6_is_never_public(address: IPv6Address) -> None:
    assert not is_public(str(address))


@given(st.ip_addresses(v=4))
def test_wrapped_ipv4_is_judged_as_the_ipv4_address_it_leads_to(inner: IPv4Address) -> None:
    verdicts = {is_public(f"{prefix}{inner}") for prefix in ("", "::ffff:", "64:ff9b::")}
    assert verdicts == {is_public(str(inner))}


@given(st.ip_addresses(v=4) | st.ip_addresses(v=6, network="2000::/3"))
def test_what_the_standard_library_refuses_is_never_public(address: IPv4Address | IPv6Address) -> None:
    assume(is_public(str(address)))
    assert address.is_global
    assert not address.is_multicast
    assert not address.is_reserved
