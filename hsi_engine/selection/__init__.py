"""Choosing the best of several candidates on folds that are apart in space."""
