"""Run on every build of the cicd image: a build whose tests fail is no build."""

import unittest

import greeter
from greeter._version import get_versions


class Greeter(unittest.TestCase):
    def test_greets_by_name(self):
        self.assertTrue(greeter.greeting("Ada").startswith("Hello, Ada!"))

    def test_says_its_version(self):
        self.assertIn(get_versions()["version"], greeter.greeting("Ada"))


if __name__ == "__main__":
    unittest.main()
