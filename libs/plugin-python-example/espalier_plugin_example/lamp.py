"""LAMP scores: a weight's square over the sum of the squares of all weights that are at least as large (Lee et al. 2021, equation 3)."""

from array import array


def lamp(weights: array, per_unit: int = 0) -> array:
    """Scores of `weights`, row-major, as an array of float32.

    per_unit: the length of the last axis, to score each output unit by itself; 0 scores the whole layer.
    """
    scores = array("f", bytes(4 * len(weights)))
    for unit in range(max(1, per_unit)):
        indices = range(unit, len(weights), max(1, per_unit))
        # Of two that are equal, the one that comes first counts as the smaller.
        ascending = sorted(indices, key=lambda i: abs(weights[i]))
        rest = sum(weights[i] * weights[i] for i in ascending)
        for i in ascending:
            square = weights[i] * weights[i]
            scores[i] = min(1.0, square / rest) if square > 0.0 and rest > 0.0 else 0.0
            rest -= square
    return scores
