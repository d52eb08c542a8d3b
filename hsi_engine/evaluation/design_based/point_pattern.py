"""Whether points look as if they had been drawn at random over the pixels of a map.

A test can only contradict a design, not confirm it. All of them hold for draws with and without replacement, and for regular grids,
whose points are spread more evenly than random ones.

References
----------
Clopper, C. J. and Pearson, E. S. (1934): The use of confidence or fiducial limits. Biometrika 26, 404–413 (counts of one class).
Pearson, K. (1900): On the criterion that a given system of deviations … can be reasonably supposed to have arisen from random
sampling. Philosophical Magazine 50, 157–175 (chi-squared test of counts in cells).
Diggle, P. J. (2003): Statistical analysis of spatial point patterns. 2nd edition, Arnold (counts of quadrats, and of pairs within
a distance).
Silverman, B. W. and Brown, T. C. (1978): Short distances, flat triangles and Poisson limits. Journal of Applied Probability 15,
815–825 (the number of close pairs is nearly a Poisson variable).
"""

from __future__ import annotations


def chance_of_count(found: int, points: int, share: float) -> float:
    """Two-sided p-value of ``found`` of ``points`` in a part of the map that holds ``share`` of its pixels (exact binomial test)."""
    from scipy.stats import binomtest  # takes most of a second, and most assessments have no use for it

    return float(binomtest(found, points, min(max(share, 0.0), 1.0)).pvalue)
