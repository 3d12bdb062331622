"""The briefing of a small comparison: what stands in it, in both languages and formats."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from worlds import close, plan, small

from sim import compare
from sim.brief import content, figures, html, typeset
from sim.brief.content import Brief, Figure, Table
from sim.brief.facts import Facts
from sim.brief.language import CODES, language
from sim.study.comparison import Comparison


@pytest.fixture(scope="module")
def result() -> Comparison:
    case = small(60).with_schedule(plan("all", *(close(b, 15) for b in ("Alpha post", "Beta post"))))
    odd = plan("beta", close("Beta post", 10)).model_copy(update={"title": "Beta <first> & $"})
    return compare(case.with_schedule(odd), ["all", "beta"], replicates=24, seed=4)


@pytest.fixture(scope="module")
def made(result: Comparison) -> Brief:
    return content.brief(result)


@pytest.fixture(scope="module")
def pages(made: Brief) -> dict[str, str]:
    return {code: html.html(made, code) for code in CODES}


def blocks(made: Brief) -> list[content.Block]:
    return [b for s in (*made.first, *made.annex) for b in s.blocks]


class Outline(HTMLParser):
    """What a screen reader goes by."""

    VOID = ("meta", "br", "hr", "path", "use", "rect", "img", "link", "input")

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.headings: list[int] = []
        self.ids: list[str] = []
        self.refers: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        own = dict(attrs)
        self.tags.append((tag, own))
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if own.get("id"):
            self.ids.append(str(own["id"]))
        for name in ("aria-labelledby", "aria-describedby"):
            self.refers += str(own.get(name) or "").split()
        for value in (own.get("href") or "", own.get("xlink:href") or ""):
            if value.startswith("#"):
                self.refers.append(value[1:])
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag


@pytest.mark.parametrize("code", CODES)
def test_the_page_is_sound_for_browsers_and_screen_readers(pages, code: str) -> None:
    outline = Outline()
    outline.feed(pages[code])
    assert not outline.open
    assert outline.headings[0] == 1
    assert outline.headings.count(1) == 1
    assert all(b <= a + 1 for a, b in zip(outline.headings, outline.headings[1:], strict=False))
    assert len(outline.ids) == len(set(outline.ids))
    assert set(outline.refers) <= set(outline.ids)
    tags = [tag for tag, _ in outline.tags]
    assert {"header", "main", "nav", "footer"} <= set(tags)
    assert ("html", {"lang": code}) in outline.tags
    assert not {"script", "iframe", "object", "link", "form"} & set(tags)
    for tag, own in outline.tags:
        if tag == "th":
            assert own.get("scope") in ("col", "row", "colgroup")
        if tag == "svg":
            assert own.get("role") == "img"
            assert own.get("aria-labelledby")
    assert tags.count("table") == tags.count("caption")


@pytest.mark.parametrize("code", CODES)
def test_nothing_in_the_page_asks_the_network(pages, code: str) -> None:
    page = pages[code]
    assert "default-src 'none'" in page
    assert len(page.encode()) < 1_000_000
    links = re.findall(r'(?:href|src|action)="([^"]*)"', page)
    assert links
    assert all(x.startswith(("#", "data:text/csv")) for x in links)
    outside = set(re.findall(r"https?://[^\s\"'<]+", page)) - {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }
    assert not outside
    assert "@import" not in page
    assert set(re.findall(r"url\(([^)]{1,12})", page)) <= set(re.findall(r"url\((#[^)]{1,11})", page))


def test_names_stay_text(pages) -> None:
    assert "Beta &lt;first&gt; &amp; $" in pages["en"]
    assert "<first>" not in pages["en"]


def test_the_same_bytes_every_time(result, made, pages) -> None:
    assert html.html(content.brief(result), "fr") == pages["fr"]
    assert typeset.pdf(made, "fr") == typeset.pdf(content.brief(result), "fr")


@pytest.mark.parametrize("code", CODES)
def test_both_languages_say_all_of_it(made, code: str) -> None:
    lang = language(code)
    for s in content.all_sentences(made):
        text = s.show(lang)
        assert text
        assert "{" not in text
    if code == "fr":
        english = [
            s.template for s in content.all_sentences(made) if s.template == language("fr").say(s.template)
        ]
        assert set(english) <= {"{all}", ""}


def test_every_figure_says_what_it_shows_and_how_to_read_it(made) -> None:
    shown = [b for b in blocks(made) if isinstance(b, Figure)]
    assert [f.name for f in shown] == ["dots", "cliffs", "parts", "places", "courses", "costs"]
    for f in shown:
        title = f.title.show(language("en"))
        assert "24 matched worlds" in title
        assert f.name == "cliffs" or re.search(r"\b\d{4} to \w+", title)
        assert f.read[0].show(language("en")).startswith("How to read it")
        assert f.read[0].show(language("fr")).startswith("Lecture")
        assert f.alt
        assert f.data.rows


def test_the_first_page_answers_before_it_shows(made) -> None:
    caveats, says = made.first
    assert caveats.boxed
    assert "not a forecast" in caveats.blocks[0].sentences[0].show(language("en"))
    kinds = [type(b).__name__ for b in says.blocks]
    assert kinds == ["Text", "Figure", "Table"]
    table = says.blocks[2]
    assert isinstance(table, Table)
    groups = [c.group.template for c in table.columns if c.group is not None]
    assert groups == ["civilians killed"] * 3 + ["deaths from want"] * 3 + ["flights"] * 3


def test_tables_are_whole(made) -> None:
    for table in (b for b in blocks(made) if isinstance(b, Table)):
        assert all(len(row) == len(table.columns) for row in table.rows), table.name


@pytest.mark.parametrize(("code", "between", "point"), [("en", ",", "."), ("fr", ";", ",")])
def test_data_can_be_read_by_a_spreadsheet_of_the_language(made, code, between, point) -> None:
    for data in made.data:
        rows = list(csv.reader(io.StringIO(content.csv(data, language(code))), delimiter=between))
        assert tuple(rows[0]) == data.columns
        assert len(rows) == len(data.rows) + 1
        assert {len(row) for row in rows} == {len(data.columns)}
    costs = next(d for d in made.data if d.name == "costs")
    number = content.csv(costs, language(code)).splitlines()[1].split(between)[2]
    assert float(number.replace(point, ".")) == pytest.approx(costs.rows[0][2], rel=1e-5)


def test_pdf_is_tagged_attached_and_on_the_paper_asked_for(made) -> None:
    for paper, box in (("a4", b"595.2"), ("letter", b"612")):
        made_pdf = typeset.pdf(made, "en", paper)
        assert made_pdf.startswith(b"%PDF-")
        assert b"/StructTreeRoot" in made_pdf
        assert box in made_pdf
        for data in made.data:
            assert f"{data.name}.csv".encode() in made_pdf or b"/EmbeddedFiles" in made_pdf


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("paper", ["a4", "letter"])
def test_the_page_to_forward_is_one_page_and_the_annex_at_most_six(made, code, paper) -> None:
    pages = typeset.typeset(made, code, paper, format="svg")
    assert 3 <= len(pages) <= 7


def test_without_typst_the_error_says_what_to_install(made, monkeypatch) -> None:
    monkeypatch.setattr(typeset, "find_spec", lambda _: None)
    with pytest.raises(typeset.Missing, match=r"pip install 'drawdown\[brief\]'"):
        typeset.pdf(made)


def test_few_worlds_and_no_schedule_are_said() -> None:
    case = small(30)
    few = content.brief(compare(case, ["close-alpha"], replicates=3))
    assert "Too few worlds" in html.html(few)
    assert "Trop peu de mondes" in html.html(few, "fr")
    nothing = content.brief(compare(case, ["none"], replicates=2))
    assert "No schedule was compared" in html.html(nothing)
    assert typeset.pdf(nothing).startswith(b"%PDF")


def test_sums_of_parts_are_the_whole(result) -> None:
    f = Facts.of(result)
    for s, name in enumerate(f.answers.names):
        assert f.rings[s].sum(axis=1) == pytest.approx(f.answers.paired("killed", name))
        by = sum(f.by[m][s] - f.by[m][-1] for m in f.by if m != "killed_by_criminals")
        assert by == pytest.approx(f.answers.paired("killed", name))
        own = [b for b in f.bases if b.schedule == name]
        assert sum(b.took for b in own) == f.answers.filled[name].took
        assert all(b.nobody + b.state + b.un == b.took for b in own)


def test_dots_beyond_the_axis_are_counted_and_marked(result) -> None:
    f = Facts.of(result)
    values = {m: v.copy() for m, v in f.answers.values.items()}
    values["killed"][0, 0] += 1e5
    far = replace(f, answers=replace(f.answers, values=values, _cache={}))
    low, high = figures.cut({n: far.answers.paired("killed", n) for n in far.answers.names})
    assert high < 1e5
    assert low <= 0
    figure = figures.dots(far, result, language("en"))
    arrows = [x for x in figure.axes[0].lines if x.get_marker() == ">"]
    assert len(arrows) == 1
    assert any("1 beyond: +" in t.get_text() for t in figure.axes[0].texts)
    assert np.ptp(figure.axes[0].get_xlim()) < 1e5


def test_figures_have_ids_of_their_own_and_no_date(made) -> None:
    for block in (b for b in blocks(made) if isinstance(b, Figure)):
        text = block.svg(language("en"))
        ids = re.findall(r'\bid="([^"]*)"', text)
        assert len(ids) == len(set(ids))
        assert all(i.startswith(block.name[:3]) for i in ids)
        assert set(re.findall(r'href="#([^"]*)"', text)) <= set(ids)
        assert not re.search(r"\d{4}-\d{2}-\d{2}T", text)


@pytest.mark.parametrize("n", range(1, 10))
def test_panels_fill_their_rows(n: int) -> None:
    rows, columns = figures.layout(n)
    assert columns <= figures.COLUMNS
    assert rows * columns >= n
    assert (rows - 1) * columns < n


def test_the_catalogue_and_the_templates_travel_with_the_package() -> None:
    here = Path(content.__file__).parent
    for name in ("briefing.css", "briefing.typ", "locale/fr/LC_MESSAGES/drawdown.mo"):
        assert (here / name).is_file()
