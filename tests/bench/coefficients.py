"""The gravity coefficients of gegravity's example, for both sides of the comparison."""

COEFFICIENTS = {"lndist": -0.3764, "contiguity": 0.8850, "pta": 0.4823, "common_language": 0.0392,
                "international": -3.4224}
SIGMA = 5
