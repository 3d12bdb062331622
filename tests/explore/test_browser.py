"""The explorer in a real browser, opened from disk (`browser` of tests/conftest.py)."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browsing import NARROW, WIDE, Watched
from scipy import special

from sim.explore import page, words
from sim.explore.content import as_text, from_text
from sim.intervals import FEWEST, LEVEL
from sim.show import numbers
from sim.show.figures.where import TELL

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def file(made, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the page of the small case on disk."""
    path = tmp_path_factory.mktemp("page") / "a name with spaces.html"
    path.write_text(page.page(made.content), encoding="utf-8")
    return path


class Opened(Watched):
    """The page of the small case, once its runs are unpacked."""

    def __init__(self, context: Any, file: Path) -> None:
        super().__init__(context)
        self.page.goto(file.as_uri())
        self.page.wait_for_selector("html[data-stories]", state="attached")

    def week(self, k: int) -> None:
        self.page.eval_on_selector(
            "#week", "(s, k) => { s.value = k; s.dispatchEvent(new Event('input')); }", k
        )


@pytest.fixture(params=[WIDE, NARROW], ids=["wide", "narrow"])
def opened(request: pytest.FixtureRequest, browser: Any, file: Path) -> Iterator[Opened]:
    context = browser.new_context(viewport=request.param, accept_downloads=True)
    one = Opened(context, file)
    yield one
    context.close()
    assert one.complaints == []
    assert one.beyond() == [file.as_uri()]


@pytest.fixture
def wide(browser: Any, file: Path) -> Iterator[Opened]:
    context = browser.new_context(viewport=WIDE, accept_downloads=True)
    one = Opened(context, file)
    yield one
    context.close()
    assert one.complaints == []


def gap_at(made, a: int, b: int, k: int, i: int = 0, d: int | None = None) -> np.ndarray:
    killed = made.weeks[i].killed[:, :, :, :k].sum(axis=3, dtype=float)
    killed = killed.sum(axis=2) if d is None else killed[:, :, d]
    return killed[a] - killed[b]


def said_of(made, a: int, b: int, k: int, i: int = 0) -> str:
    names = [p.name for p in made.plans]
    day = words.day_of(made.case.header.start, k)
    return " ".join(words.by_then(gap_at(made, a, b, k, i), names[a], names[b], day))


def test_slider_schedules_and_assumptions_are_followed_by_what_python_says(made, opened: Opened) -> None:
    a, b = made.content.facts["pair"]
    assert opened.text("#verdict") == " ".join(made.content.said)
    for k in (0, 1, 17, made.case.weeks):
        opened.week(k)
        assert opened.text("#then") == said_of(made, a, b, k)
        assert opened.text("#day") == words.day_of(made.case.header.start, k)
    none = made.content.facts["none"]
    exit_ = [p.name for p in made.plans].index("exit")
    opened.page.select_option("#a", str(exit_))
    opened.page.select_option("#b", str(none))
    assert opened.text("#then") == said_of(made, exit_, none, made.case.weeks)
    assert opened.page.locator("#under").is_hidden()
    opened.page.check("#assume-1")
    opened.until("document.getElementById('assumption').value === '1'")
    assert opened.text("#then") == said_of(made, exit_, none, made.case.weeks, 1)
    assert "Without deterrence" in opened.text("#under")
    assert opened.fits


def test_what_cannot_be_told_from_nothing_is_not_coloured(made, wide: Opened) -> None:
    exit_, none = [p.name for p in made.plans].index("exit"), made.content.facts["none"]
    wide.page.select_option("#a", str(exit_))
    wide.page.select_option("#b", str(none))
    for i in range(2):
        wide.page.select_option("#assumption", str(i))
        wide.until(f"document.getElementById('assume-{i}').checked")
        for k in (12, made.case.weeks):
            wide.week(k)
            shown = wide.page.eval_on_selector_all(
                "#map-a .district", "all => all.map(e => [e.textContent, e.className.baseVal])"
            )
            for d, district in enumerate(made.case.districts):
                gap = gap_at(made, exit_, none, k, i, d)
                error = gap.std(ddof=1) / np.sqrt(len(gap))
                told = abs(gap.mean()) > TELL * error
                (mark,) = [m for t, m in shown if t.startswith(f"{district.name}: ")]
                assert mark.split()[1].startswith(("p" if gap.mean() > 0 else "m") if told else "unsure")
    stays = wide.page.eval_on_selector_all("#map-b .district", "all => all.map(e => e.className.baseVal)")
    assert set(stays) == {"district same"}


def test_keyboard_alone_does_everything(made, opened: Opened) -> None:
    keys = opened.page.keyboard
    reached = []
    for _ in range(60):
        keys.press("Tab")
        reached.append(opened.page.evaluate("document.activeElement.id"))
        outline = opened.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert reached[-1] == "" or outline == "solid", f"focus is not seen on {reached[-1]}"
    assert {
        "a",
        "b",
        "assumption",
        "play",
        "week",
        "measure",
        "district",
        "assume-0",
        "csv-table",
        "png",
        "print",
    } <= set(reached)
    opened.page.focus("#week")
    keys.press("Home")
    keys.press("ArrowRight")
    assert opened.text("#day") == words.day_of(made.case.header.start, 1)
    assert opened.page.get_attribute("#week", "aria-valuetext") == opened.text("#day")
    opened.until("document.getElementById('live').textContent !== ''")
    assert opened.page.inner_text("#live") == opened.text("#then")
    opened.page.focus("#district")
    keys.press("ArrowDown")
    second = opened.page.evaluate("document.getElementById('district').selectedOptions[0].text")
    assert opened.text("#district-title") == f"One district: {second}"
    assert opened.page.locator("#map-a .labels .chosen").text_content() == second
    opened.page.focus("#play")
    keys.press("Space")
    assert opened.page.get_attribute("#play", "aria-pressed") == "true"
    keys.press("Space")
    assert opened.page.get_attribute("#play", "aria-pressed") == "false"


def test_a_finger_moves_the_slider_and_picks_a_district(made, browser: Any, file: Path) -> None:
    context = browser.new_context(viewport=NARROW, has_touch=True, is_mobile=True)
    one = Opened(context, file)
    one.week(0)
    slider = one.page.locator("#week")
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    one.swipe(box["x"] + 8, box["y"] + box["height"] / 2, by=box["width"] / 2)
    week = int(one.page.input_value("#week"))
    assert 0.3 * made.case.weeks < week < 0.7 * made.case.weeks
    assert one.text("#day") == words.day_of(made.case.header.start, week)
    alpha = made.case.districts[0].name
    one.page.locator("#map-b .district", has_text=f"{alpha}: ").tap()
    assert one.text("#district-title") == f"One district: {alpha}"
    assert one.fits
    context.close()
    assert one.complaints == []


def test_a_click_on_a_map_shows_the_district(made, wide: Opened) -> None:
    alpha = made.case.districts[0]
    wide.page.locator("#map-b .district", has_text=f"{alpha.name}: ").dispatch_event("click")
    assert wide.text("#district-title") == f"One district: {alpha.name}"
    names = [p.name for p in made.plans]
    a, b = made.content.facts["pair"]
    day = words.day_of(made.case.header.start, made.case.weeks)
    gap = gap_at(made, a, b, made.case.weeks, 0, 0)
    told = " ".join(words.by_then(gap, names[a], names[b], day, alpha.name))
    in_ = made.weeks[0].vacuum[:, 0, -1]
    vacuum = words.vacuum(alpha.name, names[a], names[b], int(in_[a]), int(in_[b]), 24)
    assert wide.text("#district-said").startswith(
        f"{told} {vacuum} If civilians in {alpha.name} were attacked"
    )
    (row,) = [r for r in wide.page.locator("#bases tbody tr").all_inner_texts() if "Alpha post" in r]
    assert "closes in the week of" in row
    stories = json.loads(gzip.decompress(from_text(made.content.stories)))
    own = [t for _, places, t in stories[a]["told"] if 0 in places]
    assert own
    shown = wide.page.locator("#story-a").inner_text()
    assert all(" ".join(t.split()) in " ".join(shown.split()) for t in own)


def test_playing_runs_to_the_end_at_the_speed_of_the_screen(made, wide: Opened) -> None:
    wide.page.evaluate(
        "() => { window.frames_ = 0;"
        "const tick = () => { window.frames_ += 1; requestAnimationFrame(tick); }; tick(); }"
    )
    wide.page.click("#play")
    before = wide.page.evaluate("[frames_, performance.now()]")
    wide.page.wait_for_timeout(2000)
    after = wide.page.evaluate("[frames_, performance.now()]")
    assert int(wide.page.input_value("#week")) >= 2
    rate = (after[0] - before[0]) / (after[1] - before[1]) * 1000
    assert rate > 20, f"{rate:.0f} frames a second"  # 60 on a machine that does nothing else
    wide.page.click("#play")
    stands = wide.page.input_value("#week")
    wide.page.wait_for_timeout(300)
    assert wide.page.input_value("#week") == stands


def test_who_wants_no_motion_gets_half_years(made, browser: Any, file: Path) -> None:
    context = browser.new_context(viewport=WIDE, reduced_motion="reduce")
    one = Opened(context, file)
    one.page.click("#play")
    one.until("document.getElementById('week').value === '26'")
    one.until(f"document.getElementById('week').value === '{made.case.weeks}'")
    assert one.page.get_attribute("#play", "aria-pressed") == "false"
    context.close()
    assert one.complaints == []


def test_tables_pictures_and_print_can_be_taken_along(made, wide: Opened, tmp_path: Path) -> None:
    a, b = made.content.facts["pair"]

    def taken(button: str) -> bytes:
        with wide.page.expect_download() as download:
            wide.page.click(button)
        path = tmp_path / download.value.suggested_filename
        download.value.save_as(path)
        return path.read_bytes()

    import csv
    import io

    _, head, *rows = csv.reader(io.StringIO(taken("#csv-table").decode("utf-8-sig")))
    assert [r[0] for r in rows] == [d.name for d in made.case.districts]
    for d, values in enumerate(dict(zip(head, r, strict=True)) for r in rows):
        gap = gap_at(made, a, b, made.case.weeks, 0, d)
        assert float(values["a_minus_b_mean"]) == pytest.approx(gap.mean(), abs=0.051)
        assert int(values["worlds_more_under_a"]) == (gap > 0).sum()
    _, head, *rows = csv.reader(io.StringIO(taken("#csv-weeks").decode("utf-8-sig")))
    assert len(rows) == made.case.weeks + 1
    last = [float(x) for x in rows[-1][1:]]
    assert last[::2] == made.weeks[0].totals[a].tolist()
    assert last[1::2] == made.weeks[0].totals[b].tolist()
    png = taken("#png")
    assert png.startswith(b"\x89PNG")
    assert int.from_bytes(png[16:20]) == 2200
    assert wide.page.pdf(format="A4").count(b"/Type /Page\n") <= 8


def test_the_table_says_what_the_maps_show(made, opened: Opened) -> None:
    opened.page.click("#table-details summary")
    opened.page.wait_for_selector("#table tbody tr")
    rows = opened.page.locator("#table tbody tr")
    titles = opened.page.eval_on_selector_all("#map-a .district", "all => all.map(e => e.textContent)")
    for i in range(rows.count()):
        name, a = rows.nth(i).locator("th, td").all_inner_texts()[:2]
        assert f"{name}: {a}" in titles
    rows.nth(1).locator("button").click()
    assert opened.text("#district-title").endswith(rows.nth(1).locator("button").inner_text())


def test_without_scripts_the_answer_stands_there(made, browser: Any, file: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.goto(file.as_uri())
    assert made.content.said[0] in " ".join(plain.inner_text("#verdict").split())
    assert "need JavaScript" in plain.inner_text("body")
    context.close()


def test_a_damaged_file_says_so(made, browser: Any, tmp_path: Path) -> None:
    broken = tmp_path / "broken.html"
    text = page.page(made.content)
    broken.write_text(text.replace(made.content.packed[0][200:260], "A" * 60), encoding="utf-8")
    context = browser.new_context()
    one = context.new_page()
    one.goto(broken.as_uri())
    one.wait_for_selector("#trouble:not([hidden])")
    assert "make it again with drawdown explore" in one.inner_text("#trouble")
    context.close()


def test_javascript_and_python_say_the_same(browser: Any) -> None:
    """Numbers and sentences on a table of cases: no, small, large effects, ties, tails, few and many runs."""
    rng = np.random.default_rng(5)
    gaps = [np.zeros(30), np.full(25, 4.0), np.array([1.0, -1.0]), np.arange(-12.0, 13.0)]
    for _ in range(150):
        n = int(rng.choice([1, 2, 3, 19, 20, 21, 50, 64]))
        kind = rng.integers(4)
        draw = [
            rng.normal(2, 30, n),
            rng.exponential(400, n) - 200,
            rng.integers(-2, 3, n),
            rng.pareto(1.1, n) * 1e4,
        ]
        gaps.append(np.round(draw[kind]))
    cases = []
    for gap in gaps:
        t = float(special.stdtrit(len(gap) - 1, 0.5 + LEVEL / 2)) if len(gap) > 1 else 0.0
        cases.append({"gap": gap.tolist(), "told": int(rng.integers(3)), "how": {"t": t, "fewest": FEWEST}})
    found = [
        [[2, 3.0], [1, -2.0], [0, 0.0]],
        [[2, -3.0], [2, 1.0]],
        [[0, 1.0], [0, 2.0]],
        [[2, 1.0]],
        [[2, -1.0], [2, -1.0]],
        [[2, -1.0], [0, -1.0]],
        [[2, 4.0], [2, 1.0]],
    ]
    shares = [0.0, 0.001, 0.005, 0.125, 0.5, 0.625, 0.996, 1.0]
    plain = [0.0, 0.5, 1.5, -0.5, 2.5, 999.5, -1234.5, 9_999_999.4, 1.25e7, -2.5e8, 3.0e9 + 5e4]
    given = {"cases": cases, "found": found, "shares": shares, "plain": plain}
    code = page.script().split("// The runs: unpacked once")[0]
    tab = browser.new_page()
    there = tab.evaluate(
        f"""(given) => {{ {code}
        return {{
          said: given.cases.map(c => [verdict("x", "y", c.gap, c.told, 6, "D", c.how), short(c.gap, c.how),
                                      byThen(c.gap, "x", "y", "D", c.how, "Q")]),
          robust: given.found.map(f => robust("x", "y", f)),
          shares: given.shares.map(percent),
          plain: given.plain.map(x => [number(x), signed(x)]),
          days: [0, 1, 9, 300].map(w => dayOf("2015-03-02", w)),
          vacuum: [[3, 3], [3, 4]].map(([a, b]) => vacuum("Q", "x", "y", a, b, 50)),
          met: protectedBy("Q", "x", "y", [0.1, 0.024], [0, 0]),
        }}; }}""",
        given,
    )
    for gap, case, told in zip(gaps, cases, there["said"], strict=True):
        assert told[0] == words.verdict("x", "y", gap, case["told"], 6, "D")
        assert told[1] == words.short(gap)
        assert told[2] == words.by_then(gap, "x", "y", "D", "Q")
    assert there["robust"] == [words.robust("x", "y", [tuple(f) for f in one]) for one in found]
    assert there["shares"] == [numbers.percent(x) for x in shares]
    assert there["plain"] == [[numbers.number(x), numbers.signed(x)] for x in plain]
    assert there["days"] == [words.day_of(date(2015, 3, 2), w) for w in (0, 1, 9, 300)]
    assert there["vacuum"] == [words.vacuum("Q", "x", "y", a, b, 50) for a, b in ((3, 3), (3, 4))]
    assert there["met"] == words.protected("Q", "x", "y", (0.1, 0.024), (0.0, 0.0))
    assert not re.search("undefined|NaN", json.dumps(there))
    tab.close()


def test_the_page_reads_bytes_as_python_writes_them(browser: Any) -> None:
    rng = np.random.default_rng(3)
    raws = [rng.integers(0, 256, n).tolist() for n in (0, 1, 2, 3, 4, 5, 63, 64)] + [[255] * 7, [0] * 6]
    code = page.script()
    start = code.index("const DIGITS")
    tab = browser.new_page()
    there = tab.evaluate(
        f"(texts) => {{ {code[start : code.index('/** The bytes that were gzipped', start)]}"
        "return texts.map(text => [...fromText(text)]); }",
        [as_text(bytes(raw)) for raw in raws],
    )
    assert there == raws
    tab.close()
