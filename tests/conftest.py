"""What every test gets: the packaged zone data and no network beyond loopback."""

import zoneinfo

import pytest
from hypothesis import HealthCheck, settings

zoneinfo.reset_tzpath(to=[])
zoneinfo.ZoneInfo.clear_cache()
settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.load_profile("default")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--kills", type=int, default=200, help="how often the kill test kills the service (default: 200)")
    parser.addoption("--machine-runs", type=int, default=200, help="how many random lives are lived (default: 200)")
    parser.addoption("--machine-seed", type=int, help="live only this one, again")


@pytest.fixture(scope="session")
def kills(request: pytest.FixtureRequest) -> int:
    """How many kills at random points the kill test makes."""
    return int(request.config.getoption("--kills"))


@pytest.fixture(autouse=True)
def loopback_only(socket_enabled: None) -> None:
    """Sockets reach this machine only (see pytest_runtest_setup)."""


def pytest_runtest_setup() -> None:
    from pytest_socket import socket_allow_hosts

    socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)
