"""Run the six studies of how bases close and write a page of each: figures, what was expected, run time.

    python experiments/six_studies.py                      all six, ten to twenty minutes of CPU time each
    python experiments/six_studies.py who-fills-the-gap    one of them
    python experiments/six_studies.py --small              one replicate of few points, to try the script
    python experiments/six_studies.py --page               pages anew from the runs that are in results/

Each study is a file, experiments/NAME/experiment.toml, that says what was expected and why before the first
run. The page, experiments/NAME/NAME.md, and its figures are made from the runs; what they come to, read by
hand, is taken from experiments/NAME/came-out.txt. `--small` writes to results/.
"""

from __future__ import annotations

import argparse
import shutil
import time
from pathlib import Path

from sim.show import experiments as shown
from sim.show.figures import experiments as pictures
from sim.study.experiments.experiment import Experiment
from sim.study.experiments.store import Results, read
from sim.study.experiments.sweep import sweep

HERE = Path(__file__).resolve().parent
NAMES = (
    "what-matters",
    "pace-and-order",
    "presence-or-projection",
    "who-fills-the-gap",
    "notice-and-handover",
    "cliff-map",
)
TOOK = "seconds.txt"
"""File of a store that says how long its runs took."""
ALT = {
    "criteria": "mean harm, the worst twentieth of worlds and the largest regret of each schedule",
    "convergence": "how the differences between schedules settle as worlds are added",
    "changes": "how the harm of the worst schedule changes if one thing is different",
    "main-effects": "harm over each value of what is varied, all else averaged",
    "importance": "which uncertainties decide the harm of the worst schedule",
    "conditions": "the conditions under which the worst schedule does most harm",
    "levers": "harm along each lever, and where it turns",
}


def small(asked: Experiment) -> Experiment:
    """Return a study with few matched runs at few points."""
    few = {"points": 6} if asked.design.points else {"trajectories": 2} if asked.design.trajectories else {}
    design = asked.design.model_copy(update=few)
    return asked.model_copy(update={"replicates": 2 if few else 6, "design": design})


def page(asked: Experiment, results: Results, seconds: float, folder: Path) -> str:
    """Return the page of a study, and draw its figures into its folder."""
    told = results.provenance
    lines = [
        f"# {asked.title}",
        "",
        f"Made by `python experiments/six_studies.py {asked.name}`; the file of the study, with what was "
        "expected before the first run, is [experiment.toml](experiment.toml) (SHA-256 "
        f"{told['experiment_sha256'][:12]}).",
        f"{told['runs']:,d} runs in {seconds:,.0f} seconds. Simulated worlds compared: no forecast.",
        "",
        f"**Asked.** {' '.join(asked.question.split())}",
        "",
        f"**Expected beforehand.** {' '.join(asked.expected.split())}",
        f"*Because:* {' '.join(asked.why.split())}",
        "",
    ]
    if (said := HERE / asked.name / "came-out.txt").exists():
        lines += [f"**Came out.** {said.read_text(encoding='utf-8').strip()}", ""]
    for case in asked.cases():
        answers = shown.Analysis.of(results, None, case.name)
        place = folder / "figures" / case.name
        made = [file for file in pictures.save_all(answers, place) if file.suffix == ".png"]
        for file in place.glob("*.svg"):
            file.unlink()
        lines += [f"## {case.header.title}", "", "```", shown.page(answers), "```", ""]
        for file in made:
            lines += [f"![{ALT[file.stem]}](figures/{case.name}/{file.name})", ""]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--small", action="store_true", help="few runs, into results/")
    parser.add_argument("--page", action="store_true", help="pages anew from the runs that are there")
    parser.add_argument("--workers", type=int, help="processes; default one a core")
    given = parser.parse_args()
    if unknown := set(given.names) - set(NAMES):
        parser.error(f"there is no study {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    for name in given.names or NAMES:
        asked = Experiment.load(HERE / name)
        folder = HERE / name
        if given.small:
            asked, folder = small(asked), Path("results") / "small-studies" / name
            shutil.rmtree(folder, ignore_errors=True)
        store = Path("results") / (f"small-{name}" if given.small else name)
        if given.page:
            results, seconds = read(store), float((store / TOOK).read_text())
        else:
            shutil.rmtree(store, ignore_errors=True)  # the time is that of all runs
            begun = time.monotonic()
            results = sweep(asked, store, workers=given.workers)
            seconds = time.monotonic() - begun
            (store / TOOK).write_text(f"{seconds:.0f}\n")
        folder.mkdir(parents=True, exist_ok=True)
        text = page(asked, results, seconds, folder)
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
        print(f"{name}: {results.provenance['runs']:,d} runs in {seconds:.0f} s; {folder / name}.md")


if __name__ == "__main__":
    main()
