"""The last step from probabilities to what a map states."""
