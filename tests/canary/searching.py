"""Looking for canaries in every file of a folder: raw, in other encodings, and inside deflated streams."""

import base64
import re
import zlib
from collections.abc import Iterator
from pathlib import Path

from tests.canary.planting import DIGITS, PREFIX

_ZLIB = re.compile(rb"\x78[\x01\x5e\x9c\xda]")


def _base64_needles(word: bytes) -> Iterator[bytes]:
    """What of a word's base64 does not depend on what stands before and behind it, at each of three alignments."""
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + word)
        start, end = (0, 2, 3)[before], (before + len(word)) * 8 // 6
        yield encoded[start:end]


def needles() -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for word in (PREFIX.encode(), DIGITS.encode()):
        text = word.decode()
        found |= {f"raw {text}": word, f"utf-16 {text}": text.encode("utf-16-le")}
        found |= {f"hex {text}": word.hex().encode(), f"HEX {text}": word.hex().upper().encode()}
        found |= {f"quoted {text}": "".join(f"%{b:02x}" for b in word).encode()}
        found |= {f"QUOTED {text}": "".join(f"%{b:02X}" for b in word).encode()}
        for number, needle in enumerate(_base64_needles(word)):
            found[f"base64/{number} {text}"] = needle
            found[f"base64url/{number} {text}"] = needle.translate(bytes.maketrans(b"+/", b"-_"))
    return found


_NEEDLES = needles()


def hits_in(data: bytes) -> list[str]:
    """In which encodings a canary stands in these bytes, or in a deflated stream in them."""
    found = [how for how, needle in _NEEDLES.items() if needle in data]
    for match in _ZLIB.finditer(data):
        inside = _inflated(data[match.start() :])
        found += [f"deflated, {how}" for how, needle in _NEEDLES.items() if needle in inside]
    return found


def _inflated(data: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(data, 4_000_000)
    except zlib.error:
        return b""


def hits(*folders: Path) -> list[str]:
    """Every file in which a canary stands in clear, its name included."""
    found = []
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            name = [f"in the name, {how}" for how in hits_in(path.name.encode())]
            data = hits_in(path.read_bytes()) if path.is_file() else []
            found += [f"{path.relative_to(folder)}: {how}" for how in (*name, *data)]
    return found


def files(*folders: Path) -> int:
    return sum(path.is_file() for folder in folders for path in folder.rglob("*"))
