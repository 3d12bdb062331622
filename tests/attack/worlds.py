"""Random small worlds with parameters at the ends of their ranges: does anything break?

    python tests/attack/worlds.py [--worlds 300] [--seed 1] [--short]

Each world is one that the loader would accept (`worlds.scenarios`), with each parameter at its default or,
a fifth of them up to all, at the low or high end of its range. Rules run as plain Python, in which NumPy
checks the bounds of every array, and every warning of arithmetic (division by zero, overflow, what is not a
number) is an error. After every week nobody may be lost or made, the state must be sane
(`test_engines.check_sane`), and in the end no record may be missing, infinite or below zero.

Prints the worlds that broke, with what it takes to make them again, and counts; ends non-zero if any did.
"""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from pathlib import Path

os.environ["NUMBA_DISABLE_JIT"] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import hypothesis
import numpy as np
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from test_engines import check_sane
from worlds import scenarios

from sim import Scenario, parameters
from sim.build import build
from sim.start import begin
from sim.week import week
from sim.world.people import census


def at_the_ends(seed: int) -> dict[str, float]:
    """Return a fifth up to all parameters at the low or high end of their ranges, by chance."""
    rng = np.random.default_rng(seed)
    share = rng.choice([0.2, 0.5, 1.0])
    return {
        p.name: (p.low, p.high)[int(rng.integers(2))]
        for p in parameters.PARAMETERS.values()
        if rng.random() < share
    }


def check(case: Scenario, plan: str, seed: int) -> int:
    """Run a world and raise whatever is wrong with it; returns its weeks."""
    world, _ = build(case.with_parameters(**at_the_ends(seed)), plan)
    begin(world, seed, 0)
    people = census(world)
    for number in range(case.weeks):
        week(world, number)
        assert census(world) == people, f"{census(world) - people:+d} persons in week {number}"
        check_sane(world)
    for name in world.record.dtype.names:
        values = world.record[name]
        assert np.isfinite(values).all(), f"record {name}: not finite"
        assert (values >= 0).all(), f"record {name}: {values.min()}"
    return case.weeks


def attack(count: int, seed: int) -> int:
    """Run `count` worlds; returns how many broke."""
    done, weeks, broken = 0, 0, 0

    @hypothesis.seed(seed)
    @settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=scenarios(), plan=st.sampled_from(["plan", "none"]), own=st.integers(0, 2**31))
    def worlds(case: Scenario, plan: str, own: int) -> None:
        nonlocal done, weeks, broken
        done += 1
        try:
            with np.errstate(divide="raise", invalid="raise"):
                weeks += check(case, plan, own)
        except Exception:  # whatever comes out is what is looked for
            broken += 1
            print(f"world {done}, schedule {plan}, parameters {own}:\n{traceback.format_exc(limit=-4)}")
        if done % 50 == 0:
            print(f"{done} worlds, {weeks:,d} weeks: {broken} broke", flush=True)

    worlds()
    print(f"{done} worlds, {weeks:,d} weeks: {broken} broke (seed {seed})")
    return broken


def main() -> None:
    """Run the attack."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--worlds", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--short", action="store_true", help="thirty worlds")
    options = parser.parse_args()
    raise SystemExit(attack(30 if options.short else options.worlds, options.seed) > 0)


if __name__ == "__main__":
    main()
