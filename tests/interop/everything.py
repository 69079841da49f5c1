"""Every scenario of the files beside this one."""

import sys

import admission  # noqa: F401  its case joins those of scenarios when it is read
import charts  # noqa: F401  its cases join those of scenarios when it is read
import container
import distribution
import fronts  # noqa: F401  its cases join those of scenarios when it is read
import layouts  # noqa: F401  its cases join those of scenarios when it is read
import page
import pinning  # noqa: F401  its cases join those of scenarios when it is read
import scenarios
import serve_scenarios
import signing  # noqa: F401  its cases join those of scenarios when it is read
from lab import end_cleanly

if __name__ == "__main__":
    end_cleanly()
    words = sys.argv[1:]
    everything = (scenarios, serve_scenarios, distribution, container, page)
    sys.exit(scenarios.close(*(each.trials(words) for each in everything)))
