"""How Sphinx builds the site; `python docs/build.py` runs it.

The source folder is the checkout itself, so that pages of `docs`, `experiments`, `scenarios` and `notebooks`
can refer to each other as they do on disk and on GitHub. Nothing is fetched.
"""

from __future__ import annotations

import logging
import os
import re
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("DRAWDOWN_SCENARIOS", str(ROOT / "scenarios"))

from sim import __version__

for talks in ("MESA", "traitlets"):  # of each step, and of each notebook
    logging.getLogger(talks).setLevel(logging.WARNING)

project = "drawdown"
author = "The drawdown authors"
project_copyright = "The drawdown authors, MIT licence"
release = version = __version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx_gallery.gen_gallery"]
root_doc = "docs/index"
include_patterns = [
    "docs/*.md",
    "docs/auto_gallery/*.rst",
    "notebooks/*.py",
    "experiments/**.md",
    "scenarios/*/*.md",
    "tests/reader/README.md",
    "CHANGELOG.md",
]
exclude_patterns = ["docs/_build", "**/quick", "docs/auto_gallery/sg_execution_times.rst"]
nitpicky = False
default_role = "code"

# Pages and notebooks
source_suffix = {".md": "myst-nb", ".rst": "restructuredtext"}
nb_custom_formats = {".py": ["jupytext.reads", {"fmt": "py:percent"}]}
nb_execution_mode = "cache"
nb_execution_timeout = 900
nb_execution_in_temp = True
nb_execution_raise_on_error = True
nb_merge_streams = True
nb_output_stderr = "remove"  # a remark of tqdm, which Mesa imports
myst_heading_anchors = 4
suppress_warnings = [
    "config.cache",  # the gallery takes a function of this file
    "myst.header",  # a page may begin a level below
    "misc.highlighting_failure",  # skeletons with "..." are no whole programs
]

# Reference
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_class_signature = "mixed"


def parameters_as_list(app: Any, what: str, name: str, of: Any, options: Any, lines: list[str]) -> None:
    """Turn the section "Parameters" of a docstring, lines of "name: meaning", into a list."""
    for i, line in enumerate(lines[:-1]):
        if line == "Parameters" and set(lines[i + 1]) == {"-"}:
            end = next((j for j in range(i + 2, len(lines)) if not lines[j].strip()), len(lines))
            section = [
                re.sub(r"^([\w, ]+): ", r"* **\1**: ", one) if one[:1].strip() else f"  {one.strip()}"
                for one in lines[i + 2 : end]
            ]
            lines[i:end] = section
            return


def setup(app: Any) -> None:
    """Connect it to Sphinx."""
    app.connect("autodoc-process-docstring", parameters_as_list)


def picture(block: Any, block_vars: dict[str, Any], gallery_conf: dict[str, Any]) -> str:
    """Save the `figure` that an example of the gallery leaves, and return how the page shows it.

    The figures of `sim` keep clear of pyplot, where Sphinx-Gallery would look for them.
    """
    from sphinx_gallery.scrapers import figure_rst

    figure = block_vars["example_globals"].get("figure")
    if figure is None:
        return ""
    path = next(block_vars["image_path_iterator"])
    figure.savefig(path, dpi=130)
    return figure_rst([path], gallery_conf["src_dir"])


sphinx_gallery_conf = {
    "examples_dirs": str(ROOT / "docs" / "gallery"),
    "gallery_dirs": str(ROOT / "docs" / "auto_gallery"),
    "filename_pattern": r"/\d\d_",
    "ignore_pattern": r"/results/",
    "image_scrapers": (picture,),
    "capture_repr": (),
    "abort_on_example_error": True,
    "show_signature": False,
    "show_memory": False,
    "write_computation_times": False,
    "min_reported_time": 1e9,
    "download_all_examples": False,
    "within_subsection_order": "FileNameSortKey",
    "default_thumb_file": None,
}

# Looks; everything is served from the folder, so that it opens from disk
html_theme = "furo"
html_title = f"drawdown {__version__}"
html_static_path: list[str] = []
html_copy_source = False
html_show_sphinx = False
html_show_search_summary = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#1b6ca8", "color-brand-content": "#1b6ca8"},
    "dark_css_variables": {"color-brand-primary": "#7fb7e6", "color-brand-content": "#7fb7e6"},
}
