"""`python3 -m unittest discover tests`, in this folder; needs nothing but Python."""

import unittest
from array import array

from espalier_plugin_example.lamp import lamp


class Lamp(unittest.TestCase):
    def test_is_the_square_over_the_squares_that_are_at_least_as_large(self):
        scores = lamp(array("f", [1.0, -2.0, 3.0]))
        self.assertEqual(list(scores), list(array("f", [1 / 14, 4 / 13, 1.0])))

    def test_scores_each_unit_by_itself(self):
        # [2 inputs, 2 units]: the units are (1, 3) and (2, 4).
        scores = lamp(array("f", [1.0, 2.0, 3.0, 4.0]), per_unit=2)
        self.assertEqual(list(scores), list(array("f", [1 / 10, 4 / 20, 1.0, 1.0])))

    def test_leaves_removed_weights_at_the_bottom(self):
        self.assertEqual(list(lamp(array("f", [0.0, 0.0]))), [0.0, 0.0])
        self.assertEqual(list(lamp(array("f", [0.0, 5.0]))), [0.0, 1.0])


if __name__ == "__main__":
    unittest.main()
