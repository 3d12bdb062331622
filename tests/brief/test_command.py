"""`drawdown brief` as its users meet it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner
from worlds import small

from sim import compare
from sim.brief import typeset
from sim.cli import app


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    made = tmp_path_factory.mktemp("command") / "r"
    compare(small(30), ["close-alpha"], replicates=20, seed=2).save(made, figures=False)
    return made


def run(*words: object):
    return CliRunner().invoke(app, ["brief", *map(str, words)])


def test_a_briefing_is_written_into_the_result_or_where_asked(folder: Path, tmp_path: Path) -> None:
    result = run(folder)
    assert result.exit_code == 0, result.output
    page = (folder / "briefing-en.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    asked = tmp_path / "deep" / "note.html"
    result = run(folder, "--pdf", "--lang", "fr", "--paper", "letter", "--out", asked)
    assert result.exit_code == 0, result.output
    assert '<html lang="fr">' in asked.read_text(encoding="utf-8")
    assert "size:letter" in asked.read_text(encoding="utf-8")
    assert asked.with_suffix(".pdf").read_bytes().startswith(b"%PDF-")
    assert str(asked.with_suffix(".pdf")) in result.output.replace("\n", "")


def test_what_is_no_result_or_damaged_is_said_and_nothing_is_written(folder: Path, tmp_path: Path) -> None:
    result = run(tmp_path, "--out", tmp_path / "x.html")
    assert result.exit_code == 2
    assert "give the folder of a result" in result.output
    torn = tmp_path / "torn"
    shutil.copytree(folder, torn)
    (torn / "totals.nc").write_bytes(b"CDF\x01")
    result = run(torn, "--out", tmp_path / "x.html")
    assert result.exit_code == 2
    assert "totals.nc is damaged" in result.output.replace("\n", " ")
    assert not (tmp_path / "x.html").exists()


def test_without_the_extra_nothing_is_written_and_the_remedy_is_named(folder, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(typeset, "find_spec", lambda _: None)
    result = run(folder, "--pdf", "--out", tmp_path / "x.html")
    assert result.exit_code == 2
    assert "drawdown[brief]" in result.output
    assert not (tmp_path / "x.html").exists()


def test_a_folder_or_a_pdf_as_out_is_refused(folder: Path, tmp_path: Path) -> None:
    for out in (tmp_path, tmp_path / "x.pdf"):
        result = run(folder, "--out", out)
        assert result.exit_code == 2
        assert "--out" in result.output


def test_help_teaches() -> None:
    result = CliRunner().invoke(app, ["brief", "--help"])
    assert result.exit_code == 0
    for word in ("--pdf", "--lang", "--paper", "Begin with", "one page"):
        assert word in result.output
