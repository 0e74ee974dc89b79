"""Run the code blocks of README, docs, examples and docstrings as tests.

Both ```` ```python ```` and ```` ```{code-cell} python ```` blocks run, a page at a time, without a
kernel; that they also run in the built documentation is tests/docs/test_site.py's matter.
"""

from __future__ import annotations

from sybil import Sybil
from sybil.parsers.doctest import DocTestParser
from sybil.parsers.myst import PythonCodeBlockParser, SkipParser
from sybil.sybil import SybilCollection

pytest_collect_file = SybilCollection([
    Sybil(parsers=[PythonCodeBlockParser(), SkipParser()],
          patterns=["README.md", "docs/*.md", "docs/**/*.md", "examples/*.md"],
          excludes=["docs/_build/**", "docs/_made/*", "docs/examples/*"]),
    Sybil(parsers=[DocTestParser()], patterns=["tradescen/*.py", "tradescen/**/*.py"]),
]).pytest()
