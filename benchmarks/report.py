"""What every benchmark writes: the machine, the versions, tables."""

import contextlib
import os
import pathlib
import platform
import re
import shutil
import statistics
import tempfile
import time

import lab


def spread(values, digits=2):
    return f"**{statistics.median(values):.{digits}f}** ({min(values):.{digits}f} – {max(values):.{digits}f})"


def table(rows, titles):
    lines = ["| | " + " | ".join(titles) + " |", "|---|" + "---|" * len(titles)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def machine():
    model = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    memory = re.search(r"MemTotal:\s+(\d+)", pathlib.Path("/proc/meminfo").read_text())
    return (
        f"{model[1] if model else platform.machine()}, {os.cpu_count()} cores, {int(memory[1]) / (1 << 20):.0f} GiB of memory, "
        f"Linux {platform.release()}"
    )


def wait_until_quiet(limit, minutes):
    """Other people's work on the machine is measured too: wait until there is little of it."""
    deadline = time.monotonic() + 60 * minutes
    while os.getloadavg()[0] > limit and time.monotonic() < deadline:
        time.sleep(5)
    return os.getloadavg()[0]


@contextlib.contextmanager
def work_directory(gigabytes):
    """A folder for the files of a run: in memory where there is so much room, else on disk."""
    memory = pathlib.Path("/dev/shm")
    room = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > gigabytes << 30
    work = pathlib.Path(tempfile.mkdtemp(prefix="entrepot-bench-", dir=memory if room else None))
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def version_of(program):
    """As the program tells it, or the module's version of one that was built by Go."""
    if program == "entrepot":
        return "commit " + lab.run("git", "-C", lab.ROOT, "rev-parse", "--short", "HEAD").out.strip()
    path = shutil.which(program)
    if not path:
        return "not installed"
    module = re.search(r"^\s+mod\s+\S+\s+(v\S+)", lab.run("go", "version", "-m", path).out, re.M) if shutil.which("go") else None
    if module:
        return module[1]
    done = lab.run(path, "-v" if program in ("nginx", "wrk") else "--version")
    return (done.out + done.err).strip().splitlines()[0]
