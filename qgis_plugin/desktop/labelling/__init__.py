"""Labelling of reference points: a dock, keys, and the layer they write to."""
