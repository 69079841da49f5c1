"""Every scenario of the files beside this one."""

import sys

import pinning  # noqa: F401  its cases join the others when it is read
import scenarios

if __name__ == "__main__":
    sys.exit(scenarios.main(sys.argv[1:]))
