"""Zip and tar archives → boxes. What a member holds is read under a cap; nothing is written to disk by its name.

Python's own tarfile is not used: on the older patch releases of 3.11 a crafted header keeps it busy
for ever (CVE-2024-6232, CVE-2025-8194), and all that is wanted of a header is a name and a size.
"""

from __future__ import annotations

import bz2
import gzip
import io
import os
import stat
import struct
import tempfile
import zipfile
import zlib
from pathlib import Path, PurePath
from typing import IO, NamedTuple, Protocol

from grader.intake.box import Box, Kind, Members, UnreadableError, shown, too_large
from grader.texts import say

SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2")
REFUSED = (".rar", ".7z", ".tar.xz", ".txz", ".gz", ".xz", ".bz2")
MAX_ARCHIVE = 64 << 20
MAX_UNPACKED = 256 << 20
MAX_MEMBERS = 20_000
MAX_CLASS_MEMBERS = 2_000_000
MAX_CLASS_UNPACKED = 16 << 30
MAX_IN_MEMORY = 32 << 20
BLOCK = 512
CHUNK = 1 << 16
ERRORS = (OSError, EOFError, ValueError, KeyError, RuntimeError, OverflowError, MemoryError, struct.error, zlib.error)
"""What the standard library raises over damaged archives; BadZipFile is added below."""
UNICODE_PATH = 0x7075
LISTED = b"PK\x01\x02"
"""What every entry of a zip's list of members starts with; each one costs a kilobyte to take in."""
FOREIGN = {
    b"Rar!": "unread.rar",
    b"7z\xbc\xaf": "unread.7z",
    b"\xfd7zXZ": "unread.xz",
    b"(\xb5/\xfd": "unread.zstd",
}


class Bounds(NamedTuple):
    """How much of an archive may be taken in."""

    members: int
    unpacked: int


STUDENT = Bounds(MAX_MEMBERS, MAX_UNPACKED)
CLASS = Bounds(MAX_CLASS_MEMBERS, MAX_CLASS_UNPACKED)


def is_archive(name: str) -> bool:
    """Whether a file's name is that of an archive, one of those included that are not read."""
    return name.lower().endswith(SUFFIXES + REFUSED)


def stem(name: str) -> str:
    """A file's name without its suffix, ".tar.gz" included."""
    lower = name.lower()
    suffix = max((s for s in SUFFIXES + REFUSED if lower.endswith(s)), key=len, default="")
    return name[: -len(suffix)] if suffix else PurePath(name).stem


def open_bytes(data: bytes, label: str) -> Box:
    """A student's archive, held in memory.

    Raises
    ------
    UnreadableError : it is none, is damaged, or holds more than may be read.
    """
    if data.count(LISTED) > STUDENT.members:
        raise _too_many(label, STUDENT)
    return _open(io.BytesIO(data), label, STUDENT)


def open_path(path: Path) -> Box:
    """A class's archive on disk.

    Raises
    ------
    UnreadableError : it is none, or is damaged.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise UnreadableError(f"{shown(path.name)} {say('unread.cannot', why=error.strerror)}") from None
    return _open(file, path.name, CLASS)


def _open(file: IO[bytes], label: str, bounds: Bounds) -> Box:
    try:
        return _opened(file, label, bounds)
    except BaseException:
        file.close()
        raise


def _opened(file: IO[bytes], label: str, bounds: Bounds) -> Box:
    head = file.read(BLOCK)
    for magic, what in FOREIGN.items():
        if head.startswith(magic):
            raise UnreadableError(say("unread.foreign", name=shown(label), what=say(what)))
    try:
        file.seek(0)
        if head[:2] == b"\x1f\x8b":
            return _unpacked(gzip.GzipFile(fileobj=file), file, label, bounds)
        if head[:3] == b"BZh":
            return _unpacked(bz2.BZ2File(file), file, label, bounds)
        if head[257:262] == b"ustar" or _is_old_tar(head) or (head and not any(head)):
            return Tar(file, label, bounds)
        return Zip(file, label, bounds)
    except UnreadableError:
        raise
    except (*ERRORS, zipfile.BadZipFile) as error:
        raise UnreadableError(say("unread.no_archive", name=shown(label), why=_what(error))) from None


def _too_many(label: str, bounds: Bounds) -> UnreadableError:
    return UnreadableError(say("unread.too_many", name=shown(label), most=f"{bounds.members:,}"))


def _what(error: BaseException) -> str:
    return shown(str(error) or type(error).__name__)


class _Reader(Protocol):
    def read(self, size: int, /) -> bytes: ...


def _unpacked(packed: _Reader, file: IO[bytes], label: str, bounds: Bounds) -> Tar:
    """A compressed tar as a plain one, in memory while it is small and in an unnamed file otherwise."""
    plain: IO[bytes] = tempfile.SpooledTemporaryFile(MAX_IN_MEMORY)  # noqa: SIM115
    try:
        total = 0
        while chunk := packed.read(CHUNK):
            total += len(chunk)
            if total > bounds.unpacked:
                raise UnreadableError(say("unread.unpacks", name=shown(label), size=bounds.unpacked >> 20))
            plain.write(chunk)
        tar = Tar(plain, label, bounds)
    except BaseException:
        plain.close()
        raise
    file.close()
    return tar


# ----------------------------------------------------------------------------------------- zip


class Zip(Members):
    """A zip archive."""

    def __init__(self, file: IO[bytes], label: str, bounds: Bounds) -> None:
        super().__init__(label)
        self._file = file
        self._zip = zipfile.ZipFile(file)
        self._infos: dict[str, zipfile.ZipInfo] = {}
        infos = self._zip.infolist()
        if len(infos) > bounds.members:
            raise _too_many(label, bounds)
        for info in infos:
            name = self.add(_zip_name(info), _zip_kind(info))
            if name is not None:
                self._infos[name] = info
        self.sort()

    def read(self, path: str, cap: int) -> bytes:
        """A member's bytes; see `Box`."""
        info = self._infos[path]
        whose = {"name": shown(path), "archive": shown(self.label)}
        if info.flag_bits & 1:
            raise UnreadableError(say("unread.encrypted", **whose))
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise UnreadableError(say("unread.compressed", **whose))
        try:
            with self._zip.open(info) as member:
                data = member.read(cap + 1)
        except (*ERRORS, zipfile.BadZipFile, NotImplementedError) as error:
            raise UnreadableError(say("unread.damaged", **whose, why=_what(error))) from None
        if len(data) > cap:
            raise too_large(path, cap)
        return data

    def begin(self) -> None:
        """Forget what was read ahead."""
        self._file.seek(0, os.SEEK_END)

    def close(self) -> None:
        """Let go of the file."""
        self._zip.close()
        self._file.close()


def _zip_name(info: zipfile.ZipInfo) -> str:
    """A member's name. One not marked as UTF-8 is UTF-8 if it can be (macOS), else in the DOS code page."""
    name = info.orig_filename
    if info.flag_bits & 0x800:
        return name
    raw = name.encode("cp437", "replace")
    if not raw.isascii():
        unicode_path = _unicode_path(info.extra, zlib.crc32(raw))
        if unicode_path is not None:
            return unicode_path
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            pass
    return name


def _unicode_path(extra: bytes, checksum: int) -> str | None:
    """The name that Info-ZIP and 7-Zip keep beside one in a code page, if it is of that one."""
    at = 0
    while at + 4 <= len(extra):
        tag, size = struct.unpack_from("<HH", extra, at)
        body = extra[at + 4 : at + 4 + size]
        if tag == UNICODE_PATH and len(body) > 5 and body[0] == 1 and struct.unpack_from("<L", body, 1)[0] == checksum:
            try:
                return body[5:].decode("utf-8")
            except UnicodeDecodeError:
                return None
        at += 4 + size
    return None


def _zip_kind(info: zipfile.ZipInfo) -> Kind:
    if info.create_system == 3 and stat.S_ISLNK(info.external_attr >> 16):
        return Kind.LINK
    return Kind.FOLDER if info.orig_filename.endswith(("/", "\\")) else Kind.FILE


# ----------------------------------------------------------------------------------------- tar


class Tar(Members):
    """A tar archive, read by its headers."""

    def __init__(self, file: IO[bytes], label: str, bounds: Bounds) -> None:
        super().__init__(label)
        self._file = file
        self._places: dict[str, tuple[int, int]] = {}
        self._size = file.seek(0, os.SEEK_END)
        at, count, named = 0, 0, ""
        while header := self._header(at):
            count += 1
            if count > bounds.members:
                raise _too_many(label, bounds)
            if header.type in (b"L", b"x", b"X"):
                named = self._long_name(header, at) or named
            elif header.type not in (b"g", b"K"):
                self._take(named or header.name, header, at + BLOCK)
                named = ""
            at += BLOCK + (header.size + BLOCK - 1) // BLOCK * BLOCK
        self.sort()

    def read(self, path: str, cap: int) -> bytes:
        """A member's bytes; see `Box`."""
        at, size = self._places[path]
        if size > cap:
            raise too_large(path, cap)
        self._file.seek(at)
        data = self._file.read(size)
        if len(data) < size:
            raise UnreadableError(say("unread.cut_off", name=shown(path), archive=shown(self.label)))
        return data

    def begin(self) -> None:
        """Forget what was read ahead."""
        self._file.seek(0, os.SEEK_END)

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def _header(self, at: int) -> Header | None:
        """The header at an offset; None at the end."""
        self._file.seek(at)
        block = self._file.read(BLOCK)
        if not any(block):
            return None
        header = _parse(block) if len(block) == BLOCK else None
        if header is None and at == 0:
            raise UnreadableError(say("unread.no_archive", name=shown(self.label), why=say("unread.no_tar")))
        if header is None:
            raise UnreadableError(say("unread.damaged_at", name=shown(self.label), at=f"{at:,}"))
        return header

    def _long_name(self, header: Header, at: int) -> str:
        """The name for the member that follows: GNU's, or the path of a pax header."""
        if header.size > CHUNK:
            raise UnreadableError(say("unread.long_name", name=shown(self.label)))
        data = self._file.read(header.size)
        return _text(data.rstrip(b"\0")) if header.type == b"L" else _pax_path(data)

    def _take(self, raw: str, header: Header, at: int) -> None:
        kind = TYPES.get(header.type)
        if raw.endswith("/"):
            kind = Kind.FOLDER
        if kind is not None and (name := self.add(raw, kind)) is not None:
            self._places[name] = (at, header.size)


TYPES = {b"0": Kind.FILE, b"\0": Kind.FILE, b"7": Kind.FILE, b"5": Kind.FOLDER, b"1": Kind.LINK, b"2": Kind.LINK}


class Header(NamedTuple):
    """What a tar header is read for."""

    name: str
    type: bytes
    size: int


def _parse(block: bytes) -> Header | None:
    """A tar header; None for a block whose checksum or numbers are wrong."""
    total = sum(block[:148]) + 8 * 32 + sum(block[156:])
    size = _number(block[124:136])
    if _number(block[148:156]) != total or size is None:
        return None
    name = _text(block[:100].split(b"\0")[0])
    prefix = _text(block[345:500].split(b"\0")[0]) if block[257:263] == b"ustar\0" else ""
    kind = block[156:157]
    return Header(f"{prefix}/{name}" if prefix else name, kind, 0 if kind in b"123456" and kind != b"\0" else size)


def _number(field: bytes) -> int | None:
    """An octal number, or GNU's binary one; None for any other, and for a negative one."""
    if field[0] & 0x80:
        return int.from_bytes(bytes([field[0] & 0x7F]) + field[1:], "big") if field[0] == 0x80 else None
    digits = field.strip(b" \0")
    if not all(0x30 <= d <= 0x37 for d in digits):
        return None
    return int(digits or b"0", 8)


def _pax_path(data: bytes) -> str:
    """The path of a pax header's records ("27 path=folder/name.py\\n"); "" where it has none."""
    at, path = 0, ""
    while at < len(data):
        length, space, _rest = data[at : at + 8].partition(b" ")
        if not space or not length.isdigit() or int(length) <= len(length) + 1:
            break
        record = data[at + len(length) + 1 : at + int(length)]
        key, _equals, value = record.rstrip(b"\n").partition(b"=")
        if key == b"path":
            path = _text(value)
        at += int(length)
    return path


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _is_old_tar(head: bytes) -> bool:
    """A tar from before ustar has no mark: its first header's checksum tells."""
    return len(head) == BLOCK and any(head[:100]) and _parse(head) is not None
