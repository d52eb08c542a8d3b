"""Many jobs in a row in one session of QGIS, and what of them remains."""
