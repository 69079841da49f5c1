"""The programs that are measured or needed: where they are, how they are installed, their versions."""

import os
import pathlib
import re
import shutil
import subprocess
import sys

import lab

HERE = pathlib.Path(__file__).resolve().parent.parent
WORK = HERE / "work"
TOOLS = lab.ROOT / "tests" / "interop" / "work" / "bin"
DEBIAN = {
    "docker-registry": "docker-registry", "skopeo": "skopeo", "nginx": "nginx-light", "wrk": "wrk", "containerd": "containerd",
    "ctr": "containerd", "time": "time", "openssl": "openssl",
}
GO = {
    "crane": "github.com/google/go-containerregistry/cmd/crane@v0.22.1",
    "regctl": "github.com/regclient/regclient/cmd/regctl@v0.11.7",
    "regsync": "github.com/regclient/regclient/cmd/regsync@v0.11.7",
    "registry": "github.com/distribution/distribution/v3/cmd/registry@v3.1.2",
    "oras": "oras.land/oras/cmd/oras@v1.3.0",
    "zot": "zotregistry.dev/zot/v2/cmd/zot@v2.1.11",
}
# Without it zot fetches nothing from elsewhere.
TAGS = {"zot": ("-tags", "sync")}
missing = {}


def warn(text):
    print(f"!!! {text}", file=sys.stderr, flush=True)


def find(program):
    return shutil.which(program)


def set_path():
    """Where programs are looked for: ours, those the interoperability tests installed, the system's, Go's."""
    path = [str(WORK / "bin"), str(TOOLS), os.environ["PATH"], "/usr/sbin", "/sbin", "/usr/local/go/bin"]
    os.environ["PATH"] = os.pathsep.join(path)
    home = lab.run("go", "env", "GOPATH").out.strip() if find("go") else pathlib.Path.home() / "go"
    os.environ["PATH"] = os.pathsep.join([*path, f"{home}/bin"])


def install(wanted):
    """Installs what can be had of some programs, says loudly what cannot, and goes on."""
    (WORK / "bin").mkdir(parents=True, exist_ok=True)
    packages = {DEBIAN[name] for name in wanted if name in DEBIAN and not find(name)}
    if packages:
        print("installing " + " ".join(sorted(packages)), flush=True)
        reason = "needs apt-get and root"
        if os.geteuid() == 0 and find("apt-get"):
            environment = lab.environment(DEBIAN_FRONTEND="noninteractive", RUNLEVEL=1)
            lab.run("apt-get", "-qq", "update", env=environment, timeout=120)
            done = lab.run("apt-get", "-qq", "install", "-y", "--no-install-recommends", *packages, env=environment, timeout=300)
            reason = (done.out + done.err).strip().rpartition("\n")[2]
    for name in wanted:
        if name in DEBIAN and not find(name):
            missing[name] = f"{reason}: apt-get install {DEBIAN[name]}"
        if name in GO and not find(name):
            _go_install(name)
    for name in wanted:
        if name in missing:
            warn(f"NOT TO BE HAD HERE, LEFT OUT: {name} ({missing[name]})")


def _go_install(name):
    if not find("go"):
        missing[name] = "needs Go"
        return
    refused = WORK / f"{name}.refused"
    if refused.exists():
        missing[name] = refused.read_text() + f"; delete {refused.relative_to(HERE.parent)} to try again"
        return
    print(f"installing {name}", flush=True)
    try:
        done = lab.run("go", "install", *TAGS.get(name, ()), GO[name], env=lab.environment(GOBIN=WORK / "bin", GOFLAGS="-mod=mod", **_go_proxy()), timeout=300)
        told = done.err
    except subprocess.TimeoutExpired:
        told = "took longer than 5 minutes"
    if not find(name):
        lines = [line.strip() for line in told.splitlines() if line.strip()]
        missing[name] = re.sub(r"https?://\S+", "the proxy", lines[-1] if lines else "go install failed")[:160]
        refused.write_text(missing[name])


def _go_proxy():
    return {name: os.environ[name] for name in ("GOPROXY", "HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy") if name in os.environ}


def load():
    """Our own client and slow network, built when its sources are newer than it is."""
    program, sources = WORK / "load", HERE / "load"
    if not program.exists() or any(file.stat().st_mtime > program.stat().st_mtime for file in sources.iterdir()):
        if not find("go"):
            raise SystemExit("needs Go to build benchmarks/load: the client that all contenders are asked by")
        WORK.mkdir(exist_ok=True)
        done = lab.run("go", "build", "-o", program, ".", cwd=sources, env=lab.environment(CGO_ENABLED=0))
        if done.code != 0:
            raise SystemExit(str(done))
    return program


def version_of(program):
    """As the program tells it, or the module's version of one that was built by Go."""
    if program == "entrepot":
        dirty = lab.run("git", "-C", lab.ROOT, "status", "--porcelain", "--untracked-files=no", "--", "*.java", "*.xml", "entrepot").out.strip()
        return "commit " + lab.run("git", "-C", lab.ROOT, "rev-parse", "--short", "HEAD").out.strip() + (" and changes" if dirty else "")
    path = find(program)
    if not path:
        return "not installed"
    module = re.search(r"^\s+mod\s+\S+\s+(v\S+)", lab.run("go", "version", "-m", path).out, re.M) if find("go") else None
    if module:
        return module[1]
    done = lab.run(path, "-v" if program in ("nginx", "wrk") else "--version")
    lines = (done.out + done.err).strip().splitlines()
    number = re.search(r"\d+\.\d+(\.\d+)?\S*", lines[0]) if lines else None
    return number[0] if number else "unknown"


def java():
    """The Java that the launcher of the source tree chooses."""
    told = lab.run(lab.ROOT / "entrepot", "--verbose", "--version")
    return pathlib.Path(re.search(r"Java \d+ at (.*)", told.err)[1]) / "bin" / "java"
