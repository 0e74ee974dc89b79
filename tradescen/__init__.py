"""tradescen: tariff scenarios as values, rates as plain pandas frames.

Names are loaded when first used, so importing the package is quick and loads no pandas.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from tradescen.looks import drawn_by

__version__ = "0.1.0"

_HOME = {
    "tradescen.errors": (
        "AmbiguousPartner", "AmbiguousProduct", "ConflictingActs", "InvalidValue",
        "MissingData", "NomenclatureMismatch", "NotConverged", "RunawayRules",
        "ScenarioFileError", "TradescenError", "UnknownName",
    ),
    "tradescen.vocab.hs": ("HS", "ByProduct", "ProductSet"),
    "tradescen.vocab.countries": ("CountrySet",),
    "tradescen.vocab.period": ("Period",),
    "tradescen.vocab.duty": ("AdValorem", "Compound", "Specific", "Unknown", "duty"),
    "tradescen.vocab.source": ("Source",),
    "tradescen.law.measure": ("Measure", "Scope"),
    "tradescen.law.schedule": ("TariffSchedule",),
    "tradescen.law.stacking": ("Floor", "StackGroup", "StackPlan", "Yield"),
    "tradescen.law.weights": ("Weights",),
    "tradescen.law.concordance": ("Concordance",),
    "tradescen.law.assumptions": ("Assumptions",),
    "tradescen.files.weights_io": ("read_weights", "write_weights"),
    "tradescen.files.schedules": ("hts_schedule",),
    "tradescen.files.dumping": ("dump",),
    "tradescen.timeline.acts": (
        "Amend", "Impose", "Milestone", "Only", "Reschedule", "Select", "Suspend", "Terminate",
    ),
    "tradescen.timeline.escalation": ("Escalation", "EscalationStep"),
    "tradescen.timeline.fork": ("Branch", "Fork"),
    "tradescen.timeline.rules": ("Retaliation", "Trigger"),
    "tradescen.timeline.truce": ("Pause", "Truce"),
    "tradescen.timeline.verbs": (
        "Collapse", "Enact", "Extend", "Shift", "Withdraw", "Without",
    ),
    "tradescen.scenario": ("Scenario",),
    "tradescen.result": ("Result",),
    "tradescen.frames.collected": ("realised",),
    "tradescen.frames.explain": ("Explanation",),
    "tradescen.attribution": ("attribute",),
    "tradescen.draws": ("Ensemble", "ensemble"),
    "tradescen.sampling": ("Choice", "Triangular", "Uniform", "Vary"),
    "tradescen.simulation": ("simulate",),
    "tradescen.packaged": ("load", "packs"),
    "tradescen.packaged.weights": ("us_duties_collected", "us_imports"),
}
_MODULES = ("effects", "testing")
_WHERE = {name: home for home, names in _HOME.items() for name in names}

__all__ = sorted([*_WHERE, *_MODULES, "__version__"])


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(f"tradescen.{name}")
    if name not in _WHERE:
        raise AttributeError(f"module 'tradescen' has no attribute {name!r}")
    value = getattr(importlib.import_module(_WHERE[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__


def _drawing(value: Any) -> Any:
    """A value as HTML; what draws is loaded when a notebook first asks."""
    from tradescen.display.results import html  # the whole list of kinds

    return html(value)


drawn_by(_drawing)


if TYPE_CHECKING:
    from tradescen.attribution import attribute as attribute
    from tradescen.draws import Ensemble as Ensemble
    from tradescen.draws import ensemble as ensemble
    from tradescen.errors import AmbiguousPartner as AmbiguousPartner
    from tradescen.errors import AmbiguousProduct as AmbiguousProduct
    from tradescen.errors import ConflictingActs as ConflictingActs
    from tradescen.errors import InvalidValue as InvalidValue
    from tradescen.errors import MissingData as MissingData
    from tradescen.errors import NomenclatureMismatch as NomenclatureMismatch
    from tradescen.errors import NotConverged as NotConverged
    from tradescen.errors import RunawayRules as RunawayRules
    from tradescen.errors import ScenarioFileError as ScenarioFileError
    from tradescen.errors import TradescenError as TradescenError
    from tradescen.errors import UnknownName as UnknownName
    from tradescen.files.dumping import dump as dump
    from tradescen.files.schedules import hts_schedule as hts_schedule
    from tradescen.files.weights_io import read_weights as read_weights
    from tradescen.files.weights_io import write_weights as write_weights
    from tradescen.frames.collected import realised as realised
    from tradescen.frames.explain import Explanation as Explanation
    from tradescen.law.assumptions import Assumptions as Assumptions
    from tradescen.law.concordance import Concordance as Concordance
    from tradescen.law.measure import Measure as Measure
    from tradescen.law.measure import Scope as Scope
    from tradescen.law.schedule import TariffSchedule as TariffSchedule
    from tradescen.law.stacking import Floor as Floor
    from tradescen.law.stacking import StackGroup as StackGroup
    from tradescen.law.stacking import StackPlan as StackPlan
    from tradescen.law.stacking import Yield as Yield
    from tradescen.law.weights import Weights as Weights
    from tradescen.packaged import load as load
    from tradescen.packaged import packs as packs
    from tradescen.packaged.weights import us_duties_collected as us_duties_collected
    from tradescen.packaged.weights import us_imports as us_imports
    from tradescen.result import Result as Result
    from tradescen.sampling import Choice as Choice
    from tradescen.sampling import Triangular as Triangular
    from tradescen.sampling import Uniform as Uniform
    from tradescen.sampling import Vary as Vary
    from tradescen.scenario import Scenario as Scenario
    from tradescen.simulation import simulate as simulate
    from tradescen.timeline.acts import Amend as Amend
    from tradescen.timeline.acts import Impose as Impose
    from tradescen.timeline.acts import Milestone as Milestone
    from tradescen.timeline.acts import Only as Only
    from tradescen.timeline.acts import Reschedule as Reschedule
    from tradescen.timeline.acts import Select as Select
    from tradescen.timeline.acts import Suspend as Suspend
    from tradescen.timeline.acts import Terminate as Terminate
    from tradescen.timeline.escalation import Escalation as Escalation
    from tradescen.timeline.escalation import EscalationStep as EscalationStep
    from tradescen.timeline.fork import Branch as Branch
    from tradescen.timeline.fork import Fork as Fork
    from tradescen.timeline.rules import Retaliation as Retaliation
    from tradescen.timeline.rules import Trigger as Trigger
    from tradescen.timeline.truce import Pause as Pause
    from tradescen.timeline.truce import Truce as Truce
    from tradescen.timeline.verbs import Collapse as Collapse
    from tradescen.timeline.verbs import Enact as Enact
    from tradescen.timeline.verbs import Extend as Extend
    from tradescen.timeline.verbs import Shift as Shift
    from tradescen.timeline.verbs import Withdraw as Withdraw
    from tradescen.timeline.verbs import Without as Without
    from tradescen.vocab.countries import CountrySet as CountrySet
    from tradescen.vocab.duty import AdValorem as AdValorem
    from tradescen.vocab.duty import Compound as Compound
    from tradescen.vocab.duty import Specific as Specific
    from tradescen.vocab.duty import Unknown as Unknown
    from tradescen.vocab.duty import duty as duty
    from tradescen.vocab.hs import HS as HS
    from tradescen.vocab.hs import ByProduct as ByProduct
    from tradescen.vocab.hs import ProductSet as ProductSet
    from tradescen.vocab.period import Period as Period
    from tradescen.vocab.source import Source as Source
