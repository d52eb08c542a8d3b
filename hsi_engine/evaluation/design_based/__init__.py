"""What a probability sample of reference points says about the one map it was drawn for."""
