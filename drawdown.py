"""`import drawdown` is `import sim`, the package of this name; `python -m drawdown` is its command."""

import sys

if __name__ == "__main__":
    from sim.cli import main

    main()
else:
    import sim

    sys.modules[__name__] = sim
