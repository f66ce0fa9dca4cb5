"""Locks the calling process in, before it reads what a stranger has sent.

Guards that a document which takes over its reader gains nothing: no network, no file to write, no other program to
start, no way to the data, the keys or the other processes. Four layers, each by the kernel alone, for root and for
everybody, without a helper program; where one is missing the others stand, and `recruit check` says so. What is locked
is never unlocked: only the worker (`worker.py`) calls this, once, as its first act.
"""

import ctypes
import ctypes.util
import os
import platform
import resource
import struct
import sys
import sysconfig
from pathlib import Path
from typing import NamedTuple

MEMORY_BYTES = 1024 * 1024 * 1024
CPU_SECONDS = 15
OPEN_FILES = 64

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 1, 4, 38
_SIGKILL = 9
_NAMESPACES = {"user": 0x10000000, "net": 0x40000000, "ipc": 0x08000000}
_CAPABILITIES_VERSION = 0x20080522
_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446
_LANDLOCK_READ = (1 << 2) | (1 << 3)
_LANDLOCK_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
"""How many file rights each version of Landlock knows; later versions know as many as 5."""

_READABLE = (
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/usr/share",
    "/usr/local/share/fonts",
    "/lib",
    "/lib64",
    "/etc/fonts",
    "/etc/ld.so.cache",
    "/var/cache/fontconfig",
    "/dev/null",
    "/dev/urandom",
)


class Abi(NamedTuple):
    """What a processor calls its system calls by."""

    audit: int
    seccomp: int
    openat: int
    clone: int
    clone3: int
    allowed: tuple[int, ...]


# read, write, close, fstat, lseek, mmap, mprotect, munmap, brk, signals, pread64, readv, writev, access, sched_yield,
# mremap, madvise, dup, getpid, exit, uname, fcntl, getcwd, readlink, rlimits (read), sysinfo, ids (read), futex,
# clocks, directories, stat, robust lists, pipes and eventfd for glib's main loop, getrandom, memory barriers, rseq.
_X86_64 = Abi(
    0xC000003E, 317, 257, 56, 435,
    (
        0, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 17, 19, 20, 21, 24, 25, 28, 32, 33, 35,
        39, 60, 63, 72, 79, 89, 96, 97, 98, 99, 102, 104, 107, 108, 110, 127, 131, 137, 138, 186,
        201, 202, 204, 217, 218, 228, 229, 230, 231, 232, 233, 262, 267, 269, 270, 271, 273, 274,
        281, 290, 291, 293, 309, 318, 324, 332, 334, 439, 449,
    ),
)  # fmt: skip
_AARCH64 = Abi(
    0xC00000B7, 277, 56, 220, 435,
    (
        17, 19, 20, 21, 22, 23, 24, 25, 43, 44, 48, 57, 59, 61, 62, 63, 64, 65, 66, 67, 72, 73, 78,
        79, 80, 93, 94, 96, 98, 99, 100, 101, 113, 114, 115, 123, 124, 132, 134, 135, 136, 139, 160,
        165, 168, 169, 172, 173, 174, 175, 176, 177, 178, 179, 214, 215, 216, 222, 226, 233, 278,
        283, 291, 293, 439, 449,
    ),
)  # fmt: skip
_ABIS = {"x86_64": _X86_64, "aarch64": _AARCH64}


def lock(package: Path) -> dict[str, str]:
    """Puts every layer in force that this kernel offers; the answer names each layer and, if it is missing, why.

    `package` is the folder of our own code, which stays readable. An empty reason means: in force.
    """
    missing = {"limits": _limit()}
    if sys.platform != "linux":
        absent = f"{platform.system()} has no such layer"
        return missing | {"namespaces": absent, "landlock": absent, "seccomp": absent}
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0)
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    missing["namespaces"] = _leave_namespaces(libc)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return missing | {"landlock": _reason(), "seccomp": _reason()}
    missing["landlock"] = _restrict_files(libc, package)
    missing["seccomp"] = _filter_calls(libc)
    return missing


def _reason() -> str:
    return os.strerror(ctypes.get_errno())


def _limit() -> str:
    """Memory, processor time, open files; a file may have no length and a crash leaves no core. Works everywhere."""
    wanted = {
        resource.RLIMIT_CPU: CPU_SECONDS,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NOFILE: OPEN_FILES,
        resource.RLIMIT_AS: MEMORY_BYTES,
    }
    refused = ""
    for kind, value in wanted.items():
        try:
            resource.setrlimit(kind, (value, value))
        except (OSError, ValueError) as error:
            refused = str(error)
    return refused


def _leave_namespaces(libc: ctypes.CDLL) -> str:
    """A network without interfaces and a user without rights over the machine (root loses its capabilities).

    In a chroot the kernel makes no user namespaces; there root can leave the other two and give its capabilities up.
    """
    others = _NAMESPACES["net"] | _NAMESPACES["ipc"]
    if libc.unshare(_NAMESPACES["user"] | others) == 0:
        return ""
    refused = _reason()
    return "" if libc.unshare(others) == 0 and _drop_capabilities(libc) else refused


def _drop_capabilities(libc: ctypes.CDLL) -> bool:
    header, nothing = struct.pack("=Ii", _CAPABILITIES_VERSION, 0), bytes(24)
    return bool(libc.capset(header, nothing) == 0)


def _restrict_files(libc: ctypes.CDLL, package: Path) -> str:
    """Landlock: reading only libraries and fonts, writing nothing, no TCP, no signals or sockets to others."""
    version = libc.syscall(_LANDLOCK_CREATE, None, ctypes.c_size_t(0), 1)
    if version < 1:
        return _reason()
    attributes = [(1 << _LANDLOCK_RIGHTS.get(version, 16)) - 1]
    if version >= 4:
        attributes.append(0b11)
    if version >= 6:
        attributes.append(0b11)
    packed = struct.pack(f"={len(attributes)}Q", *attributes)
    ruleset = libc.syscall(_LANDLOCK_CREATE, packed, ctypes.c_size_t(len(packed)), 0)
    if ruleset < 0:
        return _reason()
    try:
        for path in _readable(package):
            _allow_reading(libc, ruleset, path)
        return "" if libc.syscall(_LANDLOCK_RESTRICT, ruleset, 0) == 0 else _reason()
    finally:
        os.close(ruleset)


def _readable(package: Path) -> list[str]:
    """Where libraries and fonts lie; never the folder above our package, which may hold the data of a checkout."""
    installed = {sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    return [path for path in (*_READABLE, *sorted(installed), str(package)) if os.path.exists(path)]


def _allow_reading(libc: ctypes.CDLL, ruleset: int, path: str) -> None:
    place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        rights = _LANDLOCK_READ if os.path.isdir(path) else 1 << 2
        libc.syscall(_LANDLOCK_ADD, ruleset, 1, struct.pack("=Qi", rights, place), 0)
    finally:
        os.close(place)


def _filter_calls(libc: ctypes.CDLL) -> str:
    """Seccomp: a list of harmless calls; opening a file to read only, starting threads but no processes."""
    abi = _ABIS.get(platform.machine())
    if abi is None or struct.calcsize("P") != 8:
        return f"no list of system calls for {platform.machine()}"
    code = b"".join(_program(abi))
    buffer = ctypes.create_string_buffer(code, len(code))
    program = ctypes.create_string_buffer(struct.pack("@HP", len(code) // 8, ctypes.addressof(buffer)), 16)
    set_filter, all_threads = 1, 1
    return "" if libc.syscall(abi.seccomp, set_filter, all_threads, program) == 0 else _reason()


def _program(abi: Abi) -> list[bytes]:
    """The filter in the kernel's little language: load, compare, answer. Whatever is not named gets EPERM."""
    load, equal, greater, any_bit, answer = 0x20, 0x15, 0x35, 0x45, 0x06
    allow, refuse, unknown = 0x7FFF0000, 0x00050001, 0x00050026
    number, machine, arguments = 0, 4, 16
    opening, thread = os.O_ACCMODE | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0x00010000

    def step(code: int, value: int, then: int = 0, otherwise: int = 0) -> bytes:
        return struct.pack("=HBBI", code, then, otherwise, value)

    def when(call: int, *body: bytes) -> list[bytes]:
        return [step(equal, call, 0, len(body)), *body]

    refuse_then_allow = (step(answer, refuse), step(answer, allow))
    return [
        step(load, machine),
        step(equal, abi.audit, 1, 0),
        step(answer, refuse),
        step(load, number),
        step(greater, 0x40000000, 0, 1),  # x32, another numbering on the same processor
        step(answer, refuse),
        *when(abi.clone3, step(answer, unknown)),  # flags behind a pointer; the C library falls back to clone
        *when(abi.openat, step(load, arguments + 16), step(any_bit, opening, 0, 1), *refuse_then_allow),
        *when(abi.clone, step(load, arguments), step(any_bit, thread, 1, 0), *refuse_then_allow),
        *(part for call in abi.allowed for part in when(call, step(answer, allow))),
        step(answer, refuse),
    ]
