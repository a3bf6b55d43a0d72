"""Files of sentences and of pairs."""

from __future__ import annotations

from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from tsseq2seq.data.text.text_files import read_lines, read_pair_file
from tsseq2seq.errors import FileFormatError


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (b"a\nb\n", ["a", "b"]),
        (b"a\nb", ["a", "b"]),
        (b"a\r\nb\r\n", ["a", "b"]),
        (b"\xef\xbb\xbfa\nb\n", ["a", "b"]),
        (b"a\n\nb\n", ["a", "", "b"]),
        (b"a\n\n", ["a", ""]),
        (b"\n", [""]),
        (b"", []),
        (b"\xef\xbb\xbf", []),
        ("α β\u2028γ\u0085δ\x0bε\n".encode(), ["α β\u2028γ\u0085δ\x0bε"]),
        (b"a\rb\n", ["a\rb"]),
    ],
    ids=["plain", "no end", "Windows", "mark", "empty line", "two ends", "one break", "nothing", "only mark",
         "separators", "carriage return"],
)  # fmt: skip
def test_one_sentence_a_line(tmp_path: Path, content: bytes, lines: list[str]) -> None:
    file = tmp_path / "lines.txt"
    file.write_bytes(content)
    assert read_lines(file) == lines
    assert read_lines(str(file)) == lines


@given(lines=st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\n\r\ufeff"))))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
def test_lines_written_come_back(tmp_path: Path, lines: list[str]) -> None:
    file = tmp_path / "lines.txt"
    file.write_bytes("".join(f"{line}\n" for line in lines).encode())
    assert read_lines(file) == lines


def test_a_pair_file_holds_sources_and_targets(tmp_path: Path) -> None:
    file = tmp_path / "pairs.txt"
    file.write_bytes("\ufeffHi.\tΓεια.\tCC-BY\tmore\r\nGo.\tΠάμε.\r\n".encode())
    assert read_pair_file(file) == (["Hi.", "Go."], ["Γεια.", "Πάμε."])


def test_lines_with_fewer_columns_are_named(tmp_path: Path) -> None:
    file = tmp_path / "pairs.txt"
    file.write_text("a\tb\nonly one\nc\td\n\n", encoding="utf-8")
    with pytest.raises(FileFormatError, match=r"pairs.txt, line 2: 'only one' has no tab; .*\(2 of 4 lines"):
        read_pair_file(file)
    file.write_text("a\tb\nonly one\n", encoding="utf-8")
    with pytest.raises(FileFormatError, match=r"and a target$"):
        read_pair_file(file)


def test_an_empty_column_is_an_empty_sentence(tmp_path: Path) -> None:
    file = tmp_path / "pairs.txt"
    file.write_text("a\t\n\tb\n", encoding="utf-8")
    assert read_pair_file(file) == (["a", ""], ["", "b"])


@pytest.mark.parametrize("read", [read_lines, read_pair_file])
def test_files_that_cannot_be_read_are_refused(tmp_path: Path, read) -> None:
    file = tmp_path / "text.txt"
    with pytest.raises(FileFormatError, match=r"text.txt cannot be read: No such file"):
        read(file)
    with pytest.raises(FileFormatError, match="cannot be read"):
        read(tmp_path)
    file.write_bytes("a\tb\nc\té\n".encode("latin-1"))
    with pytest.raises(FileFormatError, match=r"text.txt is not in UTF-8 \(line 2\)"):
        read(file)
    file.write_bytes("a\tb\n".encode("utf-16"))
    with pytest.raises(FileFormatError, match=r"is in UTF-16; save it as UTF-8"):
        read(file)
    file.write_bytes(b"a\tb\nc\t\xed\xa0\x80\n")  # a surrogate, written as if it were a character
    with pytest.raises(FileFormatError, match="line 2"):
        read(file)
