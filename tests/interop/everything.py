"""Every scenario of the files beside this one."""

import sys

import distribution
import pinning  # noqa: F401  its cases join those of scenarios when it is read
import scenarios
import serve_scenarios
from lab import end_cleanly

if __name__ == "__main__":
    end_cleanly()
    words = sys.argv[1:]
    sys.exit(scenarios.close(scenarios.trials(words), serve_scenarios.trials(words), distribution.trials(words)))
