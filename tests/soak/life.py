"""What a long life brings: pulls, pushes, deletions, evictions and collections at once, and kill -9 now and then.

What was acknowledged has to be there, byte for byte, after every start, and the store has to be clean at the end."""

import random
import threading
import time

import ground
import lab

KIB = 1 << 10
REMOTE = {}
BETWEEN_KILLS = 45


def remote(handler):
    last = handler.path.split("?")[0].rpartition("/")[2]
    content = REMOTE.get(last)
    if content is None:
        return handler.reply(404)
    kind = ground.IMAGE if content.startswith(b'{"schemaVersion"') else "application/octet-stream"
    return handler.reply(200, content, Content_Type=kind, Docker_Content_Digest=lab.digest_of(content))


def make_remote(count):
    """Images that do not fit into the store together; their names."""
    names = []
    for number in range(count):
        manifest, contents = ground.image([ground.noise(f"remote {number} {part}", random.randrange(100, 3000) * KIB) for part in range(3)])
        REMOTE.update(contents)
        REMOTE[f"t{number}"] = manifest
        REMOTE[lab.digest_of(manifest)] = manifest
        names.append((f"t{number}", contents))
    return names


class Life:
    def __init__(self, server, names):
        self.server, self.names = server, names
        self.until = 0.0
        self.lock = threading.Lock()
        self.standing = threading.Lock()
        self.pushed, self.problems = {}, []
        self.counts = dict.fromkeys(("pulls", "pushes", "deletions", "collections", "kills", "interrupted"), 0)

    def count(self, what):
        with self.lock:
            self.counts[what] += 1

    def problem(self, text):
        with self.lock:
            self.problems.append(text)

    def during(self, work):
        while time.monotonic() < self.until:
            try:
                work()
            except (OSError, ground.http.client.HTTPException):
                # The server was killed under it.
                self.count("interrupted")
                time.sleep(0.2)
            except Exception as failure:
                self.problem(f"{work.__name__}: {type(failure).__name__} {failure}"[:300])
                time.sleep(1)

    def pull(self):
        tag, contents = random.choice(self.names)
        status, body = self.server.ask("GET", f"/v2/docker.io/library/{tag}/manifests/{tag}")
        if status != 200 or body != REMOTE[tag]:
            raise AssertionError(f"manifest {tag}: {status}, {len(body)} bytes")
        for digest, content in contents.items():
            status, body = self.server.ask("GET", f"/v2/docker.io/library/{tag}/blobs/{digest}")
            if status != 200 or body != content:
                raise AssertionError(f"blob {digest} of {tag}: {status}, {len(body)} of {len(content)} bytes")
        self.count("pulls")

    def push(self):
        number = random.randrange(1 << 30)
        name = f"team/app{number % 5}"
        manifest, contents = ground.image([ground.noise(number, random.randrange(1, 400) * KIB), ground.noise("shared", 50 * KIB)])
        refused = self.server.push(name, f"v{number}", manifest, contents)
        if refused:
            raise AssertionError(f"push of {name}:v{number}: {refused}")
        with self.lock:
            self.pushed[name, f"v{number}"] = (manifest, contents)
        self.count("pushes")

    def look(self):
        """One of what was acknowledged."""
        with self.lock:
            if not self.pushed:
                return
            (name, tag), (manifest, contents) = random.choice(list(self.pushed.items()))
        status, body = self.server.ask("GET", f"/v2/{name}/manifests/{tag}")
        with self.lock:
            if (name, tag) not in self.pushed:
                return
        if status != 200 or body != manifest:
            raise AssertionError(f"{name}:{tag}, which was acknowledged: {status}")
        for digest, content in contents.items():
            status, body = self.server.ask("GET", f"/v2/{name}/blobs/{digest}")
            if status != 200 or body != content:
                raise AssertionError(f"{digest} of {name}:{tag}, which was acknowledged: {status}, {len(body)} of {len(content)} bytes")

    def delete(self):
        with self.lock:
            if len(self.pushed) < 40:
                return time.sleep(0.1)
            name, tag = random.choice(list(self.pushed))
            manifest, _ = self.pushed.pop((name, tag))
        status, _ = self.server.ask("DELETE", f"/v2/{name}/manifests/{lab.digest_of(manifest)}")
        if status not in (202, 404):
            raise AssertionError(f"deletion of {name}:{tag}: {status}")
        return self.count("deletions")

    def collect(self):
        # It would open the store itself while the server is down, and the server would not start beside it.
        with self.standing:
            lab.entrepot("cache", "gc", "--cache", self.server.work / "store")
        self.count("collections")
        time.sleep(3)

    def kills(self):
        while time.monotonic() < self.until - 20:
            time.sleep(min(BETWEEN_KILLS, max(1, self.until - 20 - time.monotonic())))
            with self.standing:
                self.server.kill()
                self.server.start()
            self.count("kills")


def run(minutes):
    with lab.work_directory("entrepot-life-") as work:
        names = make_remote(120)
        upstream = ground.Upstream(remote)
        server = ground.Server(work, f'registries: {{ docker.io: {{ endpoints: ["{upstream.origin}"] }} }}\n')
        life = Life(server, names)
        life.until = time.monotonic() + 60 * minutes
        threads = [threading.Thread(target=life.during, args=(work_of,)) for work_of in (life.pull, life.pull, life.pull, life.push, life.push, life.look, life.delete, life.collect)]
        threads.append(threading.Thread(target=life.kills))
        most = files = 0
        for each in threads:
            each.start()
        while any(each.is_alive() for each in threads):
            rss, count = server.resident()
            most, files = max(most, rss), max(files, count)
            time.sleep(1)
        for (name, tag), (manifest, _) in life.pushed.items():
            status, body = server.ask("GET", f"/v2/{name}/manifests/{tag}")
            if status != 200 or body != manifest:
                life.problem(f"at the end {name}:{tag} is {status}")
        trouble = server.trouble()
        server.stop()
        clean = lab.entrepot("cache", "verify", "--cache", server.work / "store", timeout=600)
        print(", ".join(f"{count} {what}" for what, count in life.counts.items()) + f"; resident at most {most} MiB, {files} open files")
        return life.problems + [f"the log: {line[:200]}" for line in trouble[:3]] + ([] if clean.code == 0 else [str(clean)])
