"""Words of the trade: goods, countries, days, duties, sources. Plain values, no arrays."""
