"""Drawing reference points for the assessment of a class map."""
