"""Who asks: our own client for what must be alike for all, wrk for requests a second, and any command under GNU time."""

import dataclasses
import json
import os
import pathlib
import re
import signal
import subprocess
import threading
import time

import lab

from . import programs


def load(*arguments, timeout=300):
    """What benchmarks/load told."""
    return json.loads(lab.must(programs.load(), *arguments, timeout=timeout).out)


def fetch(url, clients=1, digest=None):
    return load("fetch", "-clients", clients, *(["-digest", digest] if digest else []), url)


def ask(url, connections, seconds):
    """HEAD, which wrk cannot measure: it waits for bodies. (answers a second, 99th percentile in ms)."""
    told = load("ask", "-connections", connections, "-seconds", seconds, "-accept", lab.ACCEPT, url)
    return told["rate"], told["p99"]


def wrk(url, connections, seconds):
    """(answers a second, bytes a second, 99th percentile in milliseconds)."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "60s", "--latency"]
    done = lab.must(*command, "-H", "Accept: application/vnd.oci.image.manifest.v1+json", url, timeout=seconds + 120)
    assert "Non-2xx" not in done.out and "Socket errors" not in done.out, done.out
    number = float(re.search(r"Requests/sec:\s+([\d.]+)", done.out)[1])
    amount, unit = re.search(r"Transfer/sec:\s+([\d.]+)(\w+)", done.out).groups()
    slow, what = re.search(r"99%\s+([\d.]+)(us|ms|s|m)", done.out).groups()
    scale = {"B": 1, "KB": 1 << 10, "MB": 1 << 20, "GB": 1 << 30}
    return number, float(amount) * scale[unit], float(slow) * {"us": 0.001, "ms": 1, "s": 1000, "m": 60_000}[what]


@dataclasses.dataclass
class Used:
    """What a command took. complete is False when its time was over and it was ended."""

    seconds: float
    processor: float
    peak: float
    code: int
    output: str
    complete: bool = True


def measured(command, directory, limit=600, codes=(0,), **environment):
    """Runs a command by GNU time, a small program: Python's own size does not count as the command's.

    Seconds on the wall clock and of the processors, and MiB of the largest of its processes.
    """
    directory = pathlib.Path(directory)
    told, log = directory / "time.told", directory / "output.log"
    told.unlink(missing_ok=True)
    with open(log, "wb") as output:
        began = time.monotonic()
        process = subprocess.Popen(
            [programs.find("time"), "-f", "%U %S %M", "-o", told, *map(str, command)],
            cwd=directory, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
            env=lab.environment(HOME=directory, **environment),
        )
        over = threading.Event()

        def end():
            over.set()
            os.killpg(process.pid, signal.SIGKILL)

        timer = threading.Timer(limit, end)
        timer.start()
        try:
            # Without a limit of its own: that one looks every 50 ms only.
            process.wait()
            seconds = time.monotonic() - began
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise
        finally:
            timer.cancel()
    complete = not over.is_set()
    output = log.read_text(errors="replace")
    if not complete:
        return Used(seconds, 0, 0, -1, output, False)
    if process.returncode not in codes:
        raise RuntimeError(f"{' '.join(map(str, command))} ended with {process.returncode}:\n{output[-3000:]}")
    user, system, peak = told.read_text().split("\n")[-2].split()
    return Used(seconds, float(user) + float(system), int(peak) / 1024, process.returncode, output)
