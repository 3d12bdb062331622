"""Calibration: which parameters the record leaves open, and draws of them that stand for plausible worlds.

History matching in waves (McCulloch et al. 2022), then approximate Bayesian computation: `files` reads what
is asked, `summaries` measures runs, `stages` makes them, `emulator` and `history` rule out, `abc` draws,
`checks` tries it on worlds whose parameters are known, `run` does it all for
`experiments/plausible/plausible.py`.

J. McCulloch, J. Ge, J. A. Ward, A. Heppenstall, J. G. Polhill & N. Malleson 2022, Calibrating agent-based
models using uncertainty quantification methods, JASSS 25(2) 1.
"""
