"""`drawdown glossary`: what the words of a result mean."""

from __future__ import annotations

from sim.cli.common import doing


def command() -> None:
    """Say what the words of a result mean: district-week, vacuum, cliff, matched run, excess, and others."""
    with doing("Loading the model ..."):
        from sim.show.glossary import glossary

    print(glossary())
