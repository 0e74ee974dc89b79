"""Benchmarks: run with ``python -m tests.bench``; never part of the test run.

Equilibria have their own: ``python -m tests.bench.equilibria``.
"""
