"""Assessing a map with a probability sample of reference points: how accurate is this map?"""
