"""Tests that run during every build of the cicd image; if they fail, the build fails."""

import unittest

import greeter
from greeter._version import get_versions


class Greeter(unittest.TestCase):
    def test_greets_by_name(self):
        self.assertTrue(greeter.greeting("Ada").startswith("Hello, Ada!"))

    def test_includes_its_version(self):
        self.assertIn(get_versions()["version"], greeter.greeting("Ada"))


if __name__ == "__main__":
    unittest.main()
