"""Classifiers of single spectra as torch modules; scikit-learn fits them, torch predicts with them."""
