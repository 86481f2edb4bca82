"""The command that serves the pages."""

import doctest
import re
import socket
from pathlib import Path

import pytest

import dashboard
from analytics.errors import InputError, MissingExtra, WorkspaceBusy
from analytics.reports import present
from dashboard import cli
from dashboard.pages import GROUPS

SQL = re.compile(r"\bselect\b[^'\"]*\bfrom\b", re.IGNORECASE)


@pytest.fixture
def no_server(monkeypatch):
    started = []
    monkeypatch.setattr(cli, "serve", lambda port, address, sign_in: started.append(port))
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


@pytest.mark.parametrize("role", [None, "operator", "approver"])
def test_other_machines_are_served_only_after_sign_in_or_to_look(no_server, role, monkeypatch):
    with pytest.raises(InputError, match="--sign-in FILE, or let everybody only look with --role viewer"):
        cli.dashboard(address="0.0.0.0", role=role)
    assert no_server == []


def test_everybody_may_look_where_nobody_may_act(no_server, monkeypatch, tmp_path):
    for name in (cli.ROLE_VARIABLE, cli.SIGN_IN_VARIABLE, "SPIRITSAFE_HOME", "STREAMLIT_LOGGER_HIDE_WELCOME_MESSAGE"):
        monkeypatch.setenv(name, "")
    monkeypatch.setenv("SPIRITSAFE_HOME", str(tmp_path))
    with socket.socket() as probe:
        probe.bind((cli.ADDRESS, 0))
        port = probe.getsockname()[1]
    cli.dashboard(port=port, address="0.0.0.0", role="viewer")
    assert no_server == [port]


def test_a_sign_in_file_without_a_provider_is_refused(no_server, tmp_path):
    with pytest.raises(InputError, match=r"\[auth\]"):
        cli.dashboard(sign_in=tmp_path / "none.toml")
    file = tmp_path / "sign-in.toml"
    file.write_text('[roles]\napprovers = ["a@example.org"]\n')
    with pytest.raises(InputError, match=r"\[auth\]"):
        cli.dashboard(sign_in=file)
    with pytest.raises(InputError, match="--role is for pages without sign-in"):
        cli.dashboard(sign_in=file, role="operator")


def test_sign_in_needs_its_extra(no_server, tmp_path, monkeypatch):
    file = tmp_path / "sign-in.toml"
    file.write_text('[auth]\nclient_id = "x"\n')
    monkeypatch.setattr(cli.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match=r"spiritsafe\[oidc\]"):
        cli.dashboard(sign_in=file)


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
        assert "duckdb" not in source and not SQL.search(source)


def test_the_examples_of_the_formats_hold():
    assert doctest.testmod(present).attempted > 10
    assert doctest.testmod(present).failed == 0
