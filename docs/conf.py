"""How the documentation is built: `python -m sphinx -W -n docs docs/_build/html`."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
# Pages run this checkout, whatever is installed; kernels are processes of their own.
sys.path.insert(0, str(ROOT))
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))

import tradescen  # noqa: E402
from tools.record_page import write_pages  # noqa: E402

# What is not written by hand is made here: the record out of the pack, the examples by copy.
write_pages(HERE)
(HERE / "examples").mkdir(exist_ok=True)
for _page in (ROOT / "examples").glob("*.md"):
    shutil.copy2(_page, HERE / "examples")

project = "tradescen"
author = "The tradescen maintainers"
copyright = author
version = release = tradescen.__version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build"]
nitpicky = True
# Pages of parts that are not there (yet) are named by patterns that match nothing.
suppress_warnings = ["toc.empty_glob"]

myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3

# Pages are run anew: a stored output would outlive the code that made it.
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 300
nb_merge_streams = True
nb_output_stderr = "warn"

autodoc_member_order = "bysource"
autodoc_default_options = {"members": True}
autodoc_typehints = "none"  # annotations name internals; docstrings say what a value may be
napoleon_google_docstring = True
napoleon_numpy_docstring = False
# Classes of the standard library and of pandas stand in docstrings without a page here.
nitpick_ignore_regex = [
    (r"py:(class|exc|obj)", r"(pandas|pd|numpy|np|datetime|dt|concurrent)\..*"),
]

html_theme = "furo"
html_title = f"tradescen {release}"
html_static_path = ["_static"]
html_css_files = ["tables.css"]
html_show_sourcelink = False
pygments_dark_style = "github-dark"
