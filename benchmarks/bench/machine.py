"""The machine: what it is, what else it does, and a folder on it."""

import contextlib
import os
import pathlib
import platform
import re
import shutil
import tempfile
import time

QUIET_LOAD = 1.0
QUIET_OTHERS = 0.2


def description():
    model = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    memory = re.search(r"MemTotal:\s+(\d+)", pathlib.Path("/proc/meminfo").read_text())
    return (
        f"{model[1] if model else platform.machine()}, {os.cpu_count()} cores, {int(memory[1]) / (1 << 20):.0f} GiB of memory, "
        f"Linux {platform.release()}"
    )


def _ticks():
    """(used, stolen) of all processors, in seconds."""
    fields = [int(field) for field in pathlib.Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
    second = os.sysconf("SC_CLK_TCK")
    return (fields[0] + fields[1] + fields[2] + fields[5] + fields[6]) / second, fields[7] / second


def busy_cores(seconds=1.0):
    """How many processors are busy while we do nothing: other people's work."""
    before, began = _ticks(), time.monotonic()
    time.sleep(seconds)
    return (_ticks()[0] - before[0]) / (time.monotonic() - began)


class Quiet:
    """Watches what else the machine does: before a measurement, and what was stolen from it while it ran."""

    def __init__(self):
        self.load_before = os.getloadavg()[0]
        self.others = busy_cores()
        self.began, (_, self.stolen) = time.monotonic(), _ticks()
        self.started = time.strftime("%Y-%m-%d %H:%M", time.gmtime())

    def end(self):
        self.seconds = time.monotonic() - self.began
        self.load_after = os.getloadavg()[0]
        self.stolen = 100 * (_ticks()[1] - self.stolen) / max(self.seconds, 0.001) / os.cpu_count()
        self.others_after = busy_cores()
        return self

    def complaint(self):
        """Why the numbers should not be believed, or nothing. Load alone may be that of our own scene before."""
        wrong = [
            f"{cores:.2f} cores were busy with other work {when}"
            for cores, when in ((self.others, "before it began"), (self.others_after, "when it had ended"))
            if cores > QUIET_OTHERS
        ]
        if self.load_before > QUIET_LOAD and self.others > QUIET_OTHERS:
            wrong.append(f"the load average was {self.load_before:.2f} before it began")
        if self.stolen > 5:
            wrong.append(f"{self.stolen:.0f} % of the processors were stolen by the machine's host")
        return "; ".join(wrong)

    def __str__(self):
        return (
            f"Load average {self.load_before:.2f} at the start, {self.load_after:.2f} at the end (it holds our own work of the minute before); "
            f"other work in the second before it {self.others:.2f} cores, in the second after {self.others_after:.2f}; stolen {self.stolen:.1f} %."
        )


def wait_until_quiet(minutes):
    """Waits while others keep the machine busy, not longer than some minutes; says what was left of it."""
    deadline = time.monotonic() + 60 * minutes
    while (others := busy_cores()) > QUIET_OTHERS and time.monotonic() < deadline:
        time.sleep(2)
    return others


def back_memory(folder, size):
    """Touches so much free memory. A virtual machine gives what is free back to its host (free page reporting), and
    fetching it again takes several times as long as filling it: whoever came first after a pause would pay for all."""
    file, zeros, left = folder / "touched", bytes(4 << 20), size
    with open(file, "wb", buffering=0) as out:
        while left > 0:
            left -= out.write(zeros)
    file.unlink()


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
