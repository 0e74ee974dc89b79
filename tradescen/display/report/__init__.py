"""The one-file report: a page that needs no network and nothing installed."""

from tradescen.display.report.page import page, write

__all__ = ["page", "write"]
