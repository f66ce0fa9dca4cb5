"""Small files: the old state or the new one; and destroyed means destroyed, but never through another link."""

import os
from pathlib import Path

import pytest

from recruit.vault import durable


def test_a_half_written_file_from_a_fault_is_written_over(tmp_path: Path) -> None:
    path = tmp_path / "key"
    durable.write(path, b"old")
    (tmp_path / "key.new").write_bytes(b"half of something long")
    durable.write(path, b"new")
    assert path.read_bytes() == b"new"
    assert not (tmp_path / "key.new").exists()


def test_what_is_written_is_for_this_user_alone(tmp_path: Path) -> None:
    path = tmp_path / "key"
    durable.write(path, b"new")
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_fault_before_the_rename_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "key"
    durable.write(path, b"old")

    def fails(self: Path, target: Path) -> None:
        raise OSError

    monkeypatch.setattr(Path, "replace", fails)
    with pytest.raises(OSError):
        durable.write(path, b"new")
    assert path.read_bytes() == b"old"


def test_what_does_not_read_back_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "read_bytes", lambda self: b"something else")
    with pytest.raises(OSError, match="read back"):
        durable.write(tmp_path / "key", b"new")


def test_destroying_overwrites_the_bytes_before_removing_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "key"
    durable.write(path, b"secret" * 10)
    seen: list[bytes] = []
    real = Path.unlink

    def watched(self: Path, missing_ok: bool = False) -> None:
        seen.append(self.read_bytes())
        real(self, missing_ok)

    monkeypatch.setattr(Path, "unlink", watched)
    durable.destroy(path)
    assert not path.exists()
    assert len(seen[0]) == 60
    assert b"secret" not in seen[0]
    durable.destroy(path)


def test_destroying_one_of_two_links_leaves_the_other_readable(tmp_path: Path) -> None:
    path, other = tmp_path / "key", tmp_path / "other"
    durable.write(path, b"shared bytes")
    os.link(path, other)
    durable.destroy(path)
    assert not path.exists()
    assert other.read_bytes() == b"shared bytes"


def test_a_torn_last_line_is_cut_off_before_the_next(tmp_path: Path) -> None:
    path = tmp_path / "lines"
    durable.append(path, b"one\n")
    with path.open("ab") as file:
        file.write(b"two, but tor")
    assert durable.last_line(path) == b"one"
    durable.append(path, b"three\n")
    assert path.read_bytes() == b"one\nthree\n"
    assert durable.last_line(path) == b"three"


@pytest.mark.parametrize(
    ("content", "last"),
    [(b"", None), (b"torn", None), (b"a\n", b"a"), (b"a\nb\n", b"b"), (b"\n", b""), (b"x" * 200_000 + b"\ny\n", b"y"),
     (b"y\n" + b"x" * 200_000 + b"\n", b"x" * 200_000), (b"y\n" + b"x" * 200_000, b"y")],
)  # fmt: skip
def test_the_last_whole_line_is_found_in_files_of_any_size(tmp_path: Path, content: bytes, last: bytes | None) -> None:
    path = tmp_path / "lines"
    path.write_bytes(content)
    assert durable.last_line(path) == last
    assert durable.last_line(tmp_path / "missing") is None
