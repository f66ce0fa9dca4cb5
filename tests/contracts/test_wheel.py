"""The wheel runs by itself: what stands beside the package in a checkout travels inside it.

Guards that an installed `recruit demo` finds its templates, words and looks where there is no checkout.
"""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.contracts.house import ROOT, project_files


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel of this tree, built without the network and unpacked in a folder of its own."""
    place = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(place)],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    (wheel,) = place.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(place / "site")
    return place / "site"


def test_everything_the_app_reads_is_in_it(unpacked: Path) -> None:
    wanted = [f for f in project_files() if f.startswith("recruit/")]
    wanted += [f"recruit/{f}" for f in project_files() if f.startswith("templates/")] + ["piccolo_conf.py"]
    assert len(wanted) > 50
    assert [f for f in wanted if not (unpacked / f).is_file()] == []


def test_nothing_else_is_in_it(unpacked: Path) -> None:
    tops = {p.name for p in unpacked.iterdir() if not p.name.endswith(".dist-info")}
    assert tops == {"recruit", "piccolo_conf.py"}


def test_its_command_starts_outside_a_checkout(unpacked: Path, tmp_path: Path) -> None:
    entry = next(unpacked.glob("*.dist-info")) / "entry_points.txt"
    assert "recruit = recruit.__main__:main" in entry.read_text("utf-8")
    code = "from recruit.paths import templates_dir as t; import recruit.__main__; print(t() / 'base.html')"
    started = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path, env={"PYTHONPATH": str(unpacked)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert started.returncode == 0, started.stderr
    assert Path(started.stdout.strip()) == unpacked / "recruit/templates/base.html"
    assert Path(started.stdout.strip()).is_file()
