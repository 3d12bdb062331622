"""Building a scenario's tables from public data: outlines, populations, base maps, violent events."""
