"""The engine seen from QGIS: a process of its own, with another Python, that is talked to in lines of JSON.

Only the standard library is used here, nothing of QGIS and nothing of the engine's libraries, so that all of it works
in any thread and can be tested without QGIS.
"""
