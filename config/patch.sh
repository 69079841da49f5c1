#!/bin/sh
# An example of a local file in a composed image (mirror.yaml).
exec kubectl "$@"
