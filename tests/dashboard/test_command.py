"""The command that serves the pages."""

import doctest
import socket
from pathlib import Path

import pytest

import dashboard
from analytics.errors import InputError, WorkspaceBusy
from analytics.reports import present
from dashboard import cli
from dashboard.pages import GROUPS


@pytest.fixture
def no_server(monkeypatch):
    started = []
    monkeypatch.setattr(cli, "serve", started.append)
    return started


def test_a_port_in_use_is_told_before_anything_starts(no_server):
    with socket.socket() as taken:
        taken.bind((cli.ADDRESS, 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(WorkspaceBusy, match=f"port {port} .* cannot be used .* --port {port + 1}"):
            cli.dashboard(port=port)
    assert no_server == []


@pytest.mark.parametrize("port", [0, -1, 65_536])
def test_a_port_that_cannot_exist_is_a_usage_error(no_server, port):
    with pytest.raises(InputError, match="--port is a number from 1 to 65535"):
        cli.dashboard(port=port)
    assert no_server == []


def test_the_address_is_printed_and_nothing_goes_to_stdout(no_server, capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("SPIRITSAFE_HOME", str(tmp_path))
    monkeypatch.setenv("STREAMLIT_LOGGER_HIDE_WELCOME_MESSAGE", "")
    with socket.socket() as probe:
        probe.bind((cli.ADDRESS, 0))
        port = probe.getsockname()[1]
    cli.dashboard(port=port)
    printed = capsys.readouterr()
    assert printed.out == ""
    assert f"http://127.0.0.1:{port}" in printed.err
    assert no_server == [port]


def test_the_server_is_private_and_tells_nobody():
    assert cli.OPTIONS["server.address"] == "127.0.0.1"
    assert cli.OPTIONS["browser.gatherUsageStats"] == "false"
    assert cli.OPTIONS["client.showErrorDetails"] == "none"
    assert Path(cli.OPTIONS["theme.base"]).is_file()


def test_every_page_script_is_in_the_menu_and_short():
    here = Path(dashboard.__file__).parent
    scripts = sorted(here.glob("views/*.py"))
    assert scripts
    assert {f"views/{script.name}" for script in scripts} == {
        page.script for pages in GROUPS.values() for page in pages
    }
    assert all(len(script.read_text().splitlines()) <= 60 for script in scripts)


def test_pages_hold_no_sql_and_no_database():
    here = Path(dashboard.__file__).parent
    sources = {path: path.read_text() for path in here.rglob("*.py")}
    assert sources
    for source in sources.values():
        assert "duckdb" not in source and "select " not in source.lower().replace("select_", "")


def test_the_examples_of_the_formats_hold():
    assert doctest.testmod(present).attempted > 10
    assert doctest.testmod(present).failed == 0
