"""Time gegravity on its own example; run by :mod:`tests.bench.equilibria` in another interpreter.

Usage: python run_gegravity.py SAMPLE.csv [RUNS]. Prints JSON: wall and CPU seconds of each
``simulate``, and the change of each country's real GDP as the package gives it (percent).
"""

from __future__ import annotations

import json
import sys
import time

import gegravity as ge  # the benchmark is skipped where it is absent
import pandas as pd
from coefficients import COEFFICIENTS, SIGMA  # beside this script


def main() -> None:
    """Build the example of its documentation, a trade agreement of Canada and Japan."""
    sample = pd.read_csv(sys.argv[1])
    sample["year"] = sample["year"].astype(str)
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    base = ge.BaselineData(sample, imp_var_name="importer", exp_var_name="exporter",
                           year_var_name="year", trade_var_name="trade", expend_var_name="E",
                           output_var_name="Y")
    costs = ge.CostCoeffs(
        estimates=pd.DataFrame([{"var": k, "coeff": v, "ste": 0.1}
                                for k, v in COEFFICIENTS.items()]),
        identifier_col="var", coeff_col="coeff", stderr_col="ste")
    wall, cpu = [], []
    for _ in range(runs):  # a model can be simulated once
        model = _model(base, costs)
        changed = model.baseline_data.copy()
        for one, other in (("CAN", "JPN"), ("JPN", "CAN")):
            changed.loc[(changed["importer"] == one) & (changed["exporter"] == other), "pta"] = 1
        model.define_experiment(changed)
        a, b = time.perf_counter(), time.process_time()
        model.simulate()
        wall.append(time.perf_counter() - a)
        cpu.append(time.process_time() - b)
    print(json.dumps({"wall": wall, "cpu": cpu, "results": model.country_results.to_dict()}))


def _model(base: ge.BaselineData, costs: ge.CostCoeffs) -> ge.OneSectorGE:
    model = ge.OneSectorGE(base, year="2006", expend_var_name="E", output_var_name="Y",
                           cost_coeff_values=costs, cost_variables=list(COEFFICIENTS),
                           reference_importer="DEU", sigma=SIGMA, quiet=True)
    model.build_baseline(omr_rescale=10)
    return model


if __name__ == "__main__":
    main()
