"""What is installed is all that the commands read: nothing is left behind in the checkout."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("analytics", "pipeline", "dashboard")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The files of a wheel, as setuptools gathers them."""
    lib = tmp_path_factory.mktemp("lib")
    command = [
        sys.executable,
        "setup.py",
        "-q",
        "egg_info",
        "--egg-base",
        str(lib),
        "build_py",
        "--build-lib",
        str(lib),
    ]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return lib


def files(folder):
    return {
        path.relative_to(folder) for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.mark.parametrize("room", ROOMS)
def test_every_file_of_a_room_travels(built, room):
    there = files(ROOT / room)
    assert there and there - files(built / room) == set()


@pytest.mark.parametrize("folder", ["data", "sql"])
def test_the_shipped_folders_travel(built, folder):
    there = files(ROOT / folder)
    assert there and there == files(built / "analytics" / "shipped" / folder)


def test_an_installed_package_reads_its_own_folders(built):
    code = "from analytics.workspace import SHIPPED, SQL; print(SHIPPED, SQL)"
    env = {"PYTHONPATH": str(built)}
    found = subprocess.run([sys.executable, "-c", code], cwd=built, env=env, check=True, capture_output=True, text=True)
    assert found.stdout.split() == [str(built / "analytics" / "shipped" / name) for name in ("data", "sql")]
