"""How the documentation is built: `python -m sphinx -W -n docs docs/_build/html`."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from sphinx.application import Sphinx

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
# Pages run this checkout, whatever is installed; kernels are processes of their own.
sys.path.insert(0, str(ROOT))
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))

import tradescen  # noqa: E402
from tools.api_pages import write_api  # noqa: E402
from tools.record_page import write_pages  # noqa: E402

# What is not written by hand is made here: the record out of the pack, the reference out of the
# public names, the examples by copy.
write_pages(HERE)
write_api(HERE / "api")
(HERE / "examples").mkdir(exist_ok=True)
for _page in (ROOT / "examples").glob("*.md"):
    shutil.copy2(_page, HERE / "examples")

project = "tradescen"
author = "The tradescen maintainers"
copyright = author
version = release = tradescen.__version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["_build", "_made"]
nitpicky = True

myst_enable_extensions = ["attrs_block", "deflist"]
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
napoleon_use_rtype = False
# Code that docstrings name may have no page here (other packages, rooms below the public names);
# that every public name has one is tested in tests/docs. Pages, anchors and terms stay strict.
nitpick_ignore_regex = [(r"py:.*", r".*")]

html_theme = "furo"
html_title = f"tradescen {release}"
html_static_path = ["_static"]
html_css_files = ["tables.css"]
html_show_sourcelink = False
pygments_dark_style = "github-dark"


# Pages of parts that are not in every checkout: listed in the index, left out where absent.
PARTS = ("pictures", "report", "command-line", "rules", "effects", "equilibrium", "performance")


def leave_out_absent(app: Sphinx, page: str, source: list[str]) -> None:
    """Take pages that are not there out of the index."""
    if page == "index":
        for name in PARTS:
            if not (HERE / f"{name}.md").is_file():
                source[0] = source[0].replace(f"\n{name}\n", "\n")


def keep_colons(app: Sphinx, what: str, name: str, thing: object, options: object,
                lines: list[str]) -> None:
    """Napoleon takes what stands before a colon for a type, in the first line of a property."""
    if what in ("property", "attribute"):
        lines.insert(0, "")


def setup(app: Sphinx) -> None:
    """Called by Sphinx."""
    app.connect("source-read", leave_out_absent)
    app.connect("autodoc-process-docstring", keep_colons, priority=400)  # before Napoleon
