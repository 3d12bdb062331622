"""Build the site: pages by reader, notebooks, gallery, reference.

    python docs/build.py [--quick] [--out docs/_build/html]

Needs `pip install -e '.[docs]'` and no network. Warnings are errors, and afterwards every link to a page,
file or heading of the site is followed. Open docs/_build/html/index.html; no server is needed. The first time
takes some seven minutes of processor time, as notebooks are run; `--quick` leaves them as they are, without
pictures.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
RESULTS = DOCS / "gallery" / "results"
"""What the gallery draws."""
FRONT = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>drawdown</title>
<meta http-equiv="refresh" content="0; url=docs/index.html"></head>
<body><a href="docs/index.html">drawdown</a></body></html>
"""


def make_results() -> None:
    """Make the results that the gallery draws, if they are not there or were made by other rules."""
    from sim import Scenario, compare, sweep
    from sim.responses import rules_digest
    from sim.study.experiments.experiment import Experiment

    made = RESULTS / "provenance.json"
    rules = rules_digest()
    if made.is_file() and json.loads(made.read_text())["rules"] == rules:
        return
    shutil.rmtree(RESULTS, ignore_errors=True)  # runs of other rules are not mixed with new ones
    RESULTS.mkdir()
    print("Making the results that the gallery draws ...", flush=True)
    case = Scenario.load(ROOT / "scenarios" / "corridor")
    compare(case, ["hasty", "border-first", "regroup"], replicates=60).save(
        RESULTS / "corridor", figures=False
    )
    study = Experiment.load(ROOT / "experiments" / "corridor-pace")
    design = study.design.model_copy(update={"points": 32})
    small = study.model_copy(update={"design": design, "replicates": 4})
    sweep(small, RESULTS / "corridor-pace")
    made.write_text(json.dumps({"rules": rules}))


class Page(HTMLParser):
    """The links and the anchors of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take down what an element links to, and its id."""
        for name, value in attrs:
            if name in ("href", "src") and value and tag != "base":
                self.links.append(value)
            elif name in ("id", "name") and value:
                self.anchors.add(value)


def broken(site: Path) -> list[str]:
    """Return the links of a built site that lead nowhere, or load something from elsewhere, in words."""
    pages = {path.resolve(): Page(path.read_text(encoding="utf-8")) for path in site.rglob("*.html")}
    found = []
    for path, page in sorted(pages.items()):
        for link in dict.fromkeys(page.links):
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            there = target in pages if target.suffix == ".html" else target.exists()
            anchor = unquote(parts.fragment)
            if not there or (anchor and target in pages and anchor not in pages[target].anchors):
                found.append(f"{path.relative_to(site.resolve())}: {link}")
    return found


def main(arguments: list[str] | None = None) -> int:
    """Build it; returns an exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="do not run notebooks")
    parser.add_argument("--out", type=Path, default=DOCS / "_build" / "html", help="folder of the site")
    options = parser.parse_args(arguments)
    from sphinx.cmd.build import main as sphinx

    os.environ["DRAWDOWN_SCENARIOS"] = str(ROOT / "scenarios")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"
    sys.path.insert(0, str(ROOT))
    make_results()
    command = ["-q", "-W", "--keep-going", "-b", "html", "-c", str(DOCS), str(ROOT), str(options.out)]
    if options.quick:
        command += ["-D", "nb_execution_mode=off"]
    code = sphinx([*command, "-d", str(options.out.with_name("doctrees"))])
    if code:
        return code
    (options.out / "index.html").write_text(FRONT, encoding="utf-8")
    for link in (wrong := broken(options.out)):
        print(f"leads nowhere: {link}", file=sys.stderr)
    if not wrong:
        print(f"Built {options.out / 'index.html'}.")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
