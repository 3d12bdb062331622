# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Write the briefing
#
# From a comparison to one page that can be forwarded, with an annex, in English and French. Each sentence
# is computed from the tables and is no stronger than they are; so the work that is left is choosing what
# to ask, and knowing what the page must not say.

# %%
from pathlib import Path

from IPython.display import SVG, Markdown

from sim import Scenario, compare
from sim.brief import content, html
from sim.brief.language import language
from sim.study.load import load

REPLICATES = 80

case = Scenario.load("corridor")

# %% [markdown]
# ## 1 Compare, and keep it
#
# The folder holds tables, versions and hashes: who has it can make the same numbers again (`drawdown
# reproduce`).

# %%
result = compare(case, ["hasty", "regroup", "border-first"], replicates=REPLICATES, seed=1)
folder = result.save("results/briefing", figures=False)
sorted(p.name for p in Path(folder).iterdir())

# %% [markdown]
# ## 2 What stands on the first page
#
# `drawdown brief results/briefing` does this in one command. Here piece by piece:

# %%
made = content.brief(load(folder))
english, french = language("en"), language("fr")


def page(lang):
    """Return the first page's sentences as Markdown."""
    lines = [f"### {made.title.show(lang)}", f"*{made.question.show(lang)}*"]
    for section in made.first:
        lines.append(f"**{section.title.show(lang)}**")
        for block in section.blocks:
            if isinstance(block, content.Text):
                lines += ["\n".join(f"- {sentence.show(lang)}" for sentence in block.sentences)]
    return Markdown("\n\n".join(lines))


page(english)

# %% [markdown]
# Three things come first, boxed, before any number: that it is no forecast, how sure the evidence makes
# us, and the one number that the answer hangs on most. Who forwards the page forwards these.
#
# ## 3 The same in French
#
# Not a translation of this text but the same content, said by another catalogue: numbers cannot differ.

# %%
page(french)

# %% [markdown]
# ## 4 The figure

# %%
(dots,) = (b for section in made.first for b in section.blocks if isinstance(b, content.Figure))
SVG(dots.svg(english))

# %%
for sentence in dots.read:
    print("-", sentence.show(english))

# %% [markdown]
# ## 5 The annex

# %%
for section in made.annex:
    print("-", section.title.show(english))

# %% [markdown]
# ## 6 Write it
#
# One HTML file: it can be mailed, works without a network and without scripts, prints on two pages of A4,
# and carries its data as tables to download. `--pdf` sets it as PDF (`pip install 'drawdown[brief]'`).

# %%
for code in ("en", "fr"):
    file = Path(folder) / f"briefing-{code}.html"
    file.write_text(html.html(made, code), encoding="utf-8")
    print(file, f"{file.stat().st_size / 1024:.0f} kB")

# %% [markdown]
# ## Before you send it
#
# - Was the question written down before the runs? ([Deciding](../docs/deciding.md), step 4.)
# - Are all schedules in it that were run, and not the ones that came out well?
# - Does the cover note say *in simulated worlds*? A page that is quoted without it becomes a forecast.
# - Put ten questions to somebody who was not there ([a reader's test](../tests/reader/README.md)). What
#   they answer wrong is the page's fault.
