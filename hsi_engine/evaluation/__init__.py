"""What the figures of an assessment are worth: calibration, intervals and comparisons of clustered samples."""
