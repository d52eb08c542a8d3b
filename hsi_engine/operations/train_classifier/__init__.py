"""Training a classifier: parameters, preparation, fit, assessment, model file and report."""
