"""What a scene is, and what it is given."""

import contextlib
import dataclasses
import pathlib
import traceback

from . import machine, programs

RESULTS = programs.HERE / "results"
SCENES = {}


@dataclasses.dataclass
class Scene:
    name: str
    about: str
    run: object
    must: tuple  # programs without which it cannot be
    peers: tuple  # programs that are left out where they are missing
    minutes: int  # a scene that takes longer is ended
    usual: bool  # part of a run without names
    quick: bool  # part of --quick
    gigabytes: int

    @property
    def programs(self):
        return self.must + self.peers


def scene(name, about, must=(), peers=(), minutes=5, usual=True, quick=True, gigabytes=2):
    def register(function):
        SCENES[name] = Scene(name, about, function, must, peers, minutes, usual, quick, gigabytes)
        return function

    return register


@dataclasses.dataclass
class Bench:
    """One run of a scene: where its files are, how often it measures, and what went wrong on the way."""

    work: pathlib.Path
    results: pathlib.Path | None  # where charts go; a quick run has none
    quick: bool
    told_rounds: int | None
    failed: dict = dataclasses.field(default_factory=dict)
    used_rounds: int = 0

    def rounds(self, usual):
        """How often each contender is measured."""
        self.used_rounds = self.told_rounds or (1 if self.quick else usual)
        return self.used_rounds

    def pick(self, quick, full):
        return quick if self.quick else full

    def turns(self, everyone, number):
        """Everyone that has not failed, another one first each round."""
        turn = number % len(everyone)
        return [one for one in everyone[turn:] + everyone[:turn] if title_of(one) not in self.failed]

    def room(self, size):
        """Makes sure, before something is timed, that so many bytes of files find memory at once."""
        if not self.quick:
            machine.back_memory(self.work, size)

    @contextlib.contextmanager
    def trying(self, who):
        """A peer that fails is left out from here on, loudly; our own failure ends the scene."""
        try:
            yield
        except (Exception, SystemExit) as reason:
            if title_of(who).startswith("entrepot") or title_of(who) == "direct" or isinstance(reason, TimeIsOver):
                raise
            self.failed[title_of(who)] = str(reason).strip().splitlines()[0][:200] if str(reason).strip() else type(reason).__name__
            programs.warn(f"{title_of(who)} FAILED AND IS LEFT OUT: {reason}")

    def say(self, *words):
        print("  ", *words, flush=True)


class TimeIsOver(Exception):
    """A scene took longer than it may."""


def title_of(one):
    return one if isinstance(one, str) else one.title


def available(kinds):
    return [kind for kind in kinds if kind.available()]


def notes(kinds):
    return "".join(f"- {kind.title}: {kind.note}\n" for kind in kinds)


def run(one, bench):
    """Runs a scene; its page, or None where it failed."""
    quiet = machine.Quiet()
    if quiet.others > machine.QUIET_OTHERS:
        programs.warn(f"{one.name}: load average {quiet.load_before:.2f}, {quiet.others:.2f} cores busy with other work before it begins")
    try:
        page = one.run(bench)
    except (Exception, SystemExit):
        traceback.print_exc()
        return None, quiet.end()
    quiet.end()
    for who, reason in bench.failed.items():
        page.text(f"**{who} failed and is left out:** {reason}")
    return page, quiet


def origin(one, quiet, rounds):
    """Where a page comes from."""
    versions = "; ".join(f"{name} {programs.version_of(name)}" for name in ("entrepot", *one.programs) if name not in ("time", "openssl", "ctr"))
    text = (
        f"Written by `benchmarks/run {one.name}` on {quiet.started} UTC, in {quiet.seconds:.0f} s. {machine.description()}.\n{quiet}\n\n"
        f"{versions}.\n\nMedians, with least and most in brackets"
        + (f"; {rounds} round{'s' * (rounds > 1)}" if rounds else "")
        + ". What is \"reached\" compares medians.\n"
    )
    complaint = quiet.complaint()
    return text + (f"\n**Not a quiet machine: {complaint}. Do not rely on the times.**\n" if complaint else "")


