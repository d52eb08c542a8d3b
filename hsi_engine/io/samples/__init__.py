"""Samples of reference points over a class map: the GeoPackage they are kept and labelled in."""
