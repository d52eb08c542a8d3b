"""Assessing a map with a probability sample of reference points: how right is this map?"""
