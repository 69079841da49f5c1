"""benchmarks/run: lists scenes, runs them in turn, writes their pages and the summary of all pages."""

import argparse
import os
import pathlib
import re
import signal
import sys
import tempfile
import time

import lab

from . import charts, machine, programs
from .report import table
from .scene import RESULTS, SCENES, Bench, TimeIsOver, origin, run
from .scenes import check, jmh, mirror, pin, pull, push, start, warm  # noqa: F401  They register what they measure.

ORDER = (
    "start", "store", "cold-blob", "tag-freshness", "cold-image", "slow-upstream", "manifests", "blobs", "push",
    "mirror", "mirror-large", "mirror-growth", "pin", "hostile", "check", "jmh",
)


def arguments():
    parser = argparse.ArgumentParser(
        prog="benchmarks/run", description="Entrepot beside the programs people use today, on the same data in the same run.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="scenes:\n" + "\n".join(f"  {name:14} {SCENES[name].about}{'' if SCENES[name].usual else ' (only when named)'}" for name in ORDER),
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help="scenes; all usual ones when none is named")
    parser.add_argument("--quick", action="store_true", help="small data, one round, nothing written; exits 1 when a count is wrong")
    parser.add_argument("--check", action="store_true", help="--quick, and of it only the scenes that count something")
    parser.add_argument("--rounds", type=int, help="instead of each scene's own number")
    parser.add_argument("--wait", type=float, default=1, metavar="MINUTES", help="longest wait for a quiet machine before the first scene")
    parser.add_argument("--list", action="store_true", help="names the scenes and ends")
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in SCENES]
    if unknown:
        parser.error(f"no such scene: {', '.join(unknown)} (there are {', '.join(ORDER)})")
    return options


def chosen(options):
    if options.names:
        return [SCENES[name] for name in ORDER if name in options.names]
    if options.check:
        return [SCENES[name] for name in ("cold-blob", "tag-freshness", "mirror", "check")]
    return [SCENES[name] for name in ORDER if (SCENES[name].quick if options.quick else SCENES[name].usual)]


def summary():
    """All pages' first tables in one."""
    rows = []
    for name in ORDER:
        page = RESULTS / f"{name}.md"
        if not page.exists():
            continue
        first = re.search(r"^\| \| wanted \| measured \| reached \|\n\|.*\n((?:\|.*\n)+)", page.read_text(), re.M)
        for line in first[1].splitlines() if first else ():
            rows.append([f"[{name}]({name}.md)", *(cell.strip() for cell in line.strip("| ").split(" | "))])
    reached = sum(row[-1] == "yes" for row in rows)
    text = (
        "# What was wanted, and what was measured\n\n"
        f"The first tables of all pages here, as they were last written; {reached} of {len(rows)} are reached. The machine, the versions and the\n"
        "other programs are on the pages.\n\n"
    )
    lines = table(["what", "wanted", "measured", "reached"], rows).replace("| | what", "| scene | what", 1)
    (RESULTS / "README.md").write_text(text + lines)


def main():
    options = arguments()
    if options.list:
        print("\n".join(f"{name:14} {SCENES[name].about}" for name in ORDER))
        return 0
    if options.quick or options.check:
        return measure(options, True)
    # What is shipped, as the others are; quick runs and tests take the source tree's.
    with tempfile.TemporaryDirectory(prefix="entrepot-shipped-") as shipped:
        lab.ENTREPOT = lab.unpacked(pathlib.Path(shipped)) / "bin/entrepot"
        return measure(options, False)


def measure(options, quick):
    scenes = chosen(options)
    lab.end_cleanly()
    signal.signal(signal.SIGALRM, time_is_over)
    programs.set_path()
    programs.install(dict.fromkeys(name for one in scenes for name in one.programs))
    programs.load()
    # Built before anything is timed, and its start-up caches made.
    built = lab.run(lab.ROOT / "entrepot", "--version", timeout=900)
    if built.code != 0:
        raise SystemExit(str(built))
    if not quick:
        charts.available()
        others = machine.wait_until_quiet(options.wait)
        if others > machine.QUIET_OTHERS or os.getloadavg()[0] > machine.QUIET_LOAD:
            programs.warn(f"NOT A QUIET MACHINE: load average {os.getloadavg()[0]:.2f}, {others:.2f} cores busy. Go on, but do not believe the times.")
    failed, began = [], time.monotonic()
    for one in scenes:
        lacking = [name for name in one.must if name in programs.missing]
        if lacking:
            programs.warn(f"{one.name} IS LEFT OUT: it needs {', '.join(lacking)}")
            continue
        print(f"== {one.name}: {one.about}", flush=True)
        with machine.work_directory(one.gigabytes) as work:
            bench = Bench(work, None if quick else RESULTS, quick, options.rounds)
            signal.alarm(60 * one.minutes)
            try:
                page, quiet = run(one, bench)
            finally:
                signal.alarm(0)
        if page is None:
            failed.append(f"{one.name} did not come to its end")
            continue
        text = page.markdown(origin(one, quiet, bench.used_rounds))
        print(page.verdict_table() if not quick else "\n".join([page.verdict_table(), *page.parts]), flush=True)
        print(f"== {one.name}: {quiet.seconds:.0f} s. {quiet}", flush=True)
        if quiet.complaint() and not quick:
            programs.warn(f"{one.name}: not a quiet machine: {quiet.complaint()}")
        failed += [f"{one.name}: {wrong}" for wrong in page.wrong]
        if not quick:
            RESULTS.mkdir(exist_ok=True)
            (RESULTS / f"{one.name}.md").write_text(text)
            summary()
    print(f"{len(scenes)} scenes in {(time.monotonic() - began) / 60:.1f} minutes")
    for each in failed:
        programs.warn(each)
    return 1 if failed else 0


def time_is_over(*_):
    raise TimeIsOver("the scene took longer than it may")


if __name__ == "__main__":
    sys.exit(main())
