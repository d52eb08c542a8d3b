"""The engine seen from QGIS: a separate process with another Python, which exchanges lines of JSON with the plugin.

Only the standard library is used here, nothing of QGIS and nothing of the engine's libraries, so that all of it works
in any thread and can be tested without QGIS.
"""
