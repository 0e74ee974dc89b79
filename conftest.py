"""Run the code blocks of README, docs and docstrings as tests."""

from __future__ import annotations

from sybil import Sybil
from sybil.parsers.doctest import DocTestParser
from sybil.parsers.markdown import PythonCodeBlockParser, SkipParser
from sybil.sybil import SybilCollection

pytest_collect_file = SybilCollection([
    Sybil(parsers=[PythonCodeBlockParser(), SkipParser()],
          patterns=["README.md", "docs/*.md", "docs/**/*.md"]),
    Sybil(parsers=[DocTestParser()], patterns=["tradescen/*.py", "tradescen/**/*.py"]),
]).pytest()
