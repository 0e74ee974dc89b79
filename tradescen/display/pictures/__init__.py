"""Pictures of results (extra ``plot``): what ``result.plot`` offers, one line a picture.

Every picture takes ``ax=``, returns the Axes and draws what the tables say, nothing else. Without
``ax=`` it is drawn on a figure of its own that pyplot knows nothing of: it shows itself in a
notebook, and ``ax.figure.savefig("rates.png")`` writes it. A picture of several directions has
one panel for each; the first is returned, all are in ``ax.figure.axes``.

matplotlib is loaded when a picture is first asked for; no setting of it is changed.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from attrs import frozen

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tradescen.draws import Ensemble
    from tradescen.result import Result
    from tradescen.scenario import Scenario

__all__ = ["EnsemblePictures", "ResultPictures", "ScenarioPictures"]


def _drawn(module: str, name: str, *given: Any, **options: Any) -> Axes:
    """Call a picture; matplotlib is first needed here."""
    try:
        importlib.import_module("matplotlib")
    except ImportError as error:
        raise ImportError(
            "pictures are drawn with matplotlib, which is not installed; install it with: "
            "pip install 'tradescen[plot]'"
        ) from error
    picture = getattr(importlib.import_module(f"tradescen.display.pictures.{module}"), name)
    axes: Axes = picture(*given, **options)
    return axes


@frozen(eq=False)
class ResultPictures:
    """Pictures of a result. Common arguments of all of them:

    Args:
        ax: Axes to draw on, or one for each panel; by default a new figure.
        figsize: Of the new figure, width and height in inches.
        scenario, path: A name or several; by default all. Pictures of one future need one.
        importer, exporter: A territory or several; by default all directions of the result.
        product: A code: the statutory rate of a line, or the mean over the lines under it.
        average, weights: As in :meth:`Result.bilateral`.

    Raises:
        ImportError: without matplotlib, with the command that installs it.
        UnknownName, MissingData: for a scenario, path or direction the result does not hold.
        InvalidValue: if a picture of one future is asked for and several are meant, or if there
            are more panels than axes.
    """

    _result: Result

    def timeline(self, ax: Any = None, **options: Any) -> Axes:
        """Rates as steps, a line for each path, with the acts behind them in rows below.

        Args:
            acts: Draw the rows of acts: *enacted* (a line from the day an act became law to
                the first day charged), *threatened* (from the announcement to the day it would
                have begun or was given up), *suspended* and *snapback*. Grey acts belong to all
                paths shown, coloured ones to the path of that colour.
            names: How many of the largest moves bear the name of their act (by default as many
                as the width allows), or the ids of the acts and truces to name.
            limit: Where the axis is cut off, such as ``"60%"``; what lies above is stated.
        """
        return _drawn("steps", "timeline", self._result, ax, **options)

    def diff(self, vs: Any, ax: Any = None, **options: Any) -> Axes:
        """What differs from the scenario *vs*, in points: over time, or by goods on a day.

        Args:
            vs: The scenario compared with, or its name.
            on: A day: bars for the goods that differ most; ``None``: mean rates over time.
            level: The goods of the bars, ``"HS2"`` to ``"HS8"``.
            most: How many bars.
        """
        return _drawn("changes", "diff", self._result, vs, ax, **options)

    def stack(self, ax: Any = None, **options: Any) -> Axes:
        """What each authority adds to the rate over time; the bands sum to the rate.

        Args:
            by: ``"authority"``, ``"group"`` or ``"measure"``.
            most: How many bands; the others are summed into one that says so.
            limit: Where the axis is cut off; what lies above is stated.
        """
        return _drawn("bands", "stack", self._result, ax, **options)

    def fan(self, ax: Any = None, **options: Any) -> Axes:
        """Quantiles over the paths of one scenario, and their expected rate.

        Args:
            q: The odds of the quantiles; the lowest and the highest span the outer band.
            limit: Where the axis is cut off; what lies above is stated.
        """
        return _drawn("bands", "fan", self._result, ax, **options)

    def heatmap(self, ax: Any = None, **options: Any) -> Axes:
        """Rates as shades: goods by date, or importers by exporters on a day.

        Args:
            by: ``"HS2"`` … ``"HS8"`` or ``"section"``: goods by date, for one direction.
                ``"partners"``: importers by exporters.
            freq, how: The columns of goods by date, as in :meth:`Result.average`.
            on: The day of ``"partners"``; by default the last day known in the window.
            most: How many goods, the largest by trade; ``None``: all.
        """
        return _drawn("grids", "heatmap", self._result, ax, **options)

    def ladder(self, ax: Any = None, **options: Any) -> Axes:
        """Both sides against each other: one side's rate across, the other's up, act by act.

        Args:
            sides: The two territories, the one across first; by default those of the result.
            least: The smallest move, in rate, that gets a number and a line in the key.
        """
        return _drawn("sides", "ladder", self._result, ax, **options)

    def tree(self, ax: Any = None, **options: Any) -> Axes:
        """The forks with their odds; at each end the path, its odds and its rates on a day.

        Args:
            on: The day of the rates, by default the last of the window.
        """
        return _drawn("branches", "tree", self._result, ax, **options)


@frozen(eq=False)
class EnsemblePictures:
    """Pictures of an ensemble."""

    _ensemble: Ensemble

    def fan(self, ax: Any = None, **options: Any) -> Axes:
        """Quantiles over draws on the days drawn, and their mean; as ``Result.plot.fan``."""
        return _drawn("bands", "draws", self._ensemble, ax, **options)


@frozen(eq=False)
class ScenarioPictures:
    """Pictures of a scenario before it is run."""

    _scenario: Scenario

    def tree(self, ax: Any = None, **options: Any) -> Axes:
        """The forks with their odds, and the path at each end."""
        return _drawn("branches", "forks", self._scenario, ax, **options)
