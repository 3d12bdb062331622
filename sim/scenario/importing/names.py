"""Names as a scenario can hold them, and names that were decoded wrongly on their way into a file."""

from __future__ import annotations

from pathlib import Path

from sim.scenario.errors import ScenarioError
from sim.scenario.importing.report import Notes
from sim.scenario.schema import plain_name

LONGEST = 100


def _byte_tables() -> list[dict[str, int]]:
    """Return the byte of each character in the encodings that UTF-8 is mistaken for."""
    tables = []
    for encoding in ("cp1252", "mac_roman"):
        table = {}
        for byte in range(256):
            character = bytes([byte]).decode(encoding, "replace")
            # programs pass the five bytes that cp1252 does not define through as control characters
            table[chr(byte) if character == "\ufffd" else character] = byte
        tables.append(table)
    return tables


_TABLES = _byte_tables()
_LEADS = range(0xC2, 0xC6)
"""First bytes of the letters of Latin alphabets with accents (U+0080 to U+017F)."""


def mended(text: str) -> str:
    """Return a text with UTF-8 that was read as another encoding read as UTF-8 ('MÃ©naka': 'Ménaka').

    Pairs such as 'Ã©', which no name holds, are read as the letter they stand for; text of another
    script only if all of it reads so. What is merely unusual stays as it is.
    """
    for _ in range(3):  # files are mangled more than once
        if text.isascii():
            return text
        better = next((t for t in (_reread(text, table) for table in _TABLES) if t != text), text)
        if better == text:
            return text
        text = better
    return text


def _reread(text: str, table: dict[str, int]) -> str:
    """Return a text whose UTF-8 was read by the characters of a table, as it was; unchanged if it was not."""
    whole = _decoded(text, table)
    if sum(not c.isascii() for c in whole) >= 3:
        return whole
    result, i = "", 0
    while i < len(text):
        two, three = text[i : i + 2], text[i : i + 3]
        if table.get(text[i], 0) in _LEADS and (letter := _decoded(two, table)):
            result, i = result + letter, i + 2
        elif table.get(text[i]) == 0xE2 and (mark := _decoded(three, table)):  # quotes and dashes
            result, i = result + mark, i + 3
        else:
            result, i = result + text[i], i + 1
    return result


def _decoded(text: str, table: dict[str, int]) -> str:
    try:
        found = bytes(table[character] for character in text).decode("utf-8")
    except (KeyError, UnicodeDecodeError):
        return ""
    return found if found.isprintable() else ""


def checked_name(
    text: str, path: Path, notes: Notes | None = None, *, line: int | None = None, where: str = ""
) -> str:
    """Return a name that a scenario can hold: trimmed, with wrongly decoded letters mended.

    Raises `ScenarioError` for one that it cannot hold.
    """
    name = " ".join(text.split()) if text.isprintable() else text.strip()
    better = mended(name)
    if notes is not None and better != name and better.isprintable():
        notes.add("mended", f"{path.name}: names in a wrong encoding", f"{name!r} read as {better!r}")
        name = better
    if notes is not None and "\ufffd" in name:
        what = f"{path.name}: names with letters that were lost before (�); correct them in the case's tables"
        notes.add("look twice", what, repr(name))
    if not name:
        raise ScenarioError(path, "is empty where a name is needed", line=line, where=where)
    if len(name) > LONGEST:
        problem = f"{name[:40]!r}... has {len(name)} characters; a name has at most {LONGEST}"
        raise ScenarioError(path, problem, line=line, where=where)
    try:
        return plain_name(name)
    except ValueError as error:
        raise ScenarioError(path, f"{error}; correct the name in the file", line=line, where=where) from None
