"""Every attack at once, each in a process of its own, for minutes; one client that only pulls.

The attackers and their upstream run with the lowest priority: they would be on other machines, and what the honest client
waits for shall be the server, not a processor that python took from it. `run attacks 1 NAME` runs one of them alone."""

import base64
import collections
import contextlib
import json
import multiprocessing
import os
import random
import re
import struct
import subprocess
import time

import ground
import lab

EVE = {"Authorization": "Basic " + base64.b64encode(b"eve:eve").decode()}
MIB = 1 << 20
LARGE = ground.noise("large", 64 * MIB)


def hostile(handler):
    """An upstream whose repositories are made to hurt, and one that is honest: blob N is noise of its number."""
    path = handler.path.split("?")[0]
    last = path.rpartition("/")[2]
    if "/honest/" in path:
        content = HONEST.get(last)
        return handler.reply(200, content, Content_Type=ground.IMAGE if b"schemaVersion" in content[:40] else "application/octet-stream") if content else handler.reply(404)
    if "/tags/" in path:
        return handler.reply(200, b'{"name":"x","tags":[' + b",".join(b'"t%d"' % i for i in range(150_000)) + b'],"x":[' + b"{}," * 4_000_000 + b"{}]}", Content_Type="application/json")
    if "/referrers/" in path:
        entry = b'{"mediaType":"%s","digest":"%s","size":1,"x":[%s{}]}' % (ground.IMAGE.encode(), lab.digest_of(b"x").encode(), b"{}," * 4_000_000)
        return handler.reply(200, b'{"schemaVersion":2,"mediaType":"%s","manifests":[%s]}' % (ground.INDEX.encode(), entry), Content_Type=ground.INDEX)
    if last in MANIFESTS:
        return handler.reply(200, MANIFESTS[last], Content_Type=ground.INDEX, Docker_Content_Digest=last)
    if last == lab.digest_of(LARGE):
        asked = re.match(r"bytes=(\d+)-(\d*)", handler.headers.get("Range") or "")
        first, end = (int(asked[1]), int(asked[2] or len(LARGE) - 1) + 1) if asked else (0, len(LARGE))
        handler.send_response(206 if asked else 200)
        handler.send_header("Content-Length", str(end - first))
        if asked:
            handler.send_header("Content-Range", f"bytes {first}-{end - 1}/{len(LARGE)}")
        handler.end_headers()
        while first < end and handler.command == "GET":
            handler.wfile.write(LARGE[first : min(end, first + MIB)])
            first += MIB
            time.sleep(0 if asked else 0.5)
        return None
    return handler.reply(404)


def manifest_of(number, length=4 * MIB - 300):
    return json.dumps({"schemaVersion": 2, "mediaType": ground.INDEX, "manifests": [], "annotations": {"n": str(number), "a": "a" * length}}).encode()


MANIFESTS = {lab.digest_of(each): each for each in map(manifest_of, range(40))}
HONEST = {lab.digest_of(each): each for each in (ground.noise(number, MIB) for number in range(200))}


# ---- the attacks: each is called again until the time is over ------------------------------------------------------


def names(server):
    connection = server.connection()
    for _ in range(500):
        connection.request("HEAD", f"/v2/{random.random()}/{random.random()}/manifests/latest".replace("0.", "x"))
        connection.getresponse().read()


def silent_readers(server, path, count=150, request=""):
    """Connections that ask and read nothing."""
    sockets = []
    for _ in range(count):
        with contextlib.suppress(OSError):
            each = server.socket(narrow=True)
            each.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{request}\r\n".encode())
            sockets.append(each)
    time.sleep(20)


def stored_blob(server):
    silent_readers(server, "/v2/team/app/blobs/" + BLOB)


def long_manifest(server):
    silent_readers(server, "/v2/docker.io/evil/x/manifests/" + next(iter(MANIFESTS)))


def running_fetch(server):
    silent_readers(server, "/v2/docker.io/evil/x/blobs/" + lab.digest_of(LARGE), 40)


def far_range(server):
    silent_readers(server, "/v2/docker.io/evil/x/blobs/" + lab.digest_of(LARGE), 12, f"Range: bytes={63 * MIB}-\r\n")


def streams(server):
    """HTTP/2: a window of nothing, and as many streams as are allowed."""

    def frame(kind, flags, stream, payload):
        return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload

    path = ("/v2/team/app/blobs/" + BLOB).encode()
    block = b"\x82\x87\x04" + (bytes([len(path)]) if len(path) < 127 else bytes([127, len(path) - 127])) + path + b"\x01\x09localhost"
    connections = []
    for _ in range(8):
        each = server.socket(["h2"])
        each.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, struct.pack(">HI", 4, 0)))
        for stream in range(1, 64, 2):
            each.sendall(frame(1, 5, stream, block))
        connections.append(each)
    time.sleep(20)


def half_bodies(server):
    sockets = []
    for number in range(60):
        with contextlib.suppress(OSError):
            each = server.socket()
            each.sendall(f"PUT /v2/eve/x/manifests/t{number} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {EVE['Authorization']}\r\nContent-Type: {ground.INDEX}\r\nContent-Length: {4 * MIB}\r\n\r\n".encode() + b"a" * MIB)
            sockets.append(each)
    time.sleep(20)


def slow_heads(server):
    sockets = [server.socket() for _ in range(50)]
    for _ in range(40):
        for each in sockets:
            with contextlib.suppress(OSError):
                each.sendall(b"G")
        time.sleep(1)


def nodes(server):
    body = b'{"schemaVersion":2,"mediaType":"' + ground.INDEX.encode() + b'","manifests":[],"x":[' + b"{}," * 1_300_000 + b"{}]}"
    server.ask("PUT", "/v2/eve/x/manifests/nodes", body, EVE | {"Content-Type": ground.INDEX})


def annotations(server):
    server.ask("PUT", "/v2/eve/x/manifests/notes", manifest_of(random.random(), 3 * MIB), EVE | {"Content-Type": ground.INDEX})


def empty_uploads(server):
    for _ in range(200):
        server.ask("POST", "/v2/eve/x/blobs/uploads/", b"", EVE)


def logins(server):
    server.ask("GET", "/v2/team/app/tags/list", headers={"Authorization": "Basic " + base64.b64encode(os.urandom(20)).decode()})


def pages(server):
    for path in ("/readyz", "/metrics", "/v2/_catalog", "/livez") * 20:
        server.ask("GET", path)


def lists(server):
    number = random.randrange(1000)
    server.ask("GET", f"/v2/docker.io/evil/x{number}/tags/list")
    server.ask("GET", f"/v2/docker.io/evil/x{number}/referrers/{lab.digest_of(b'x')}")


def manifests(server):
    server.ask("GET", f"/v2/docker.io/evil/x{random.randrange(100)}/manifests/{random.choice(list(MANIFESTS))}")


def leaving(server):
    for _ in range(50):
        each = server.socket()
        each.sendall(f"GET /v2/docker.io/evil/y/blobs/{lab.digest_of(LARGE)} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        each.close()


ATTACKS = [names, stored_blob, long_manifest, running_fetch, far_range, streams, half_bodies, slow_heads, nodes, annotations, empty_uploads, logins, pages, lists, lists, manifests, manifests, leaving]
BLOB = ""


def again(attack, server, until, counts, index):
    os.nice(19)
    while time.monotonic() < until:
        try:
            attack(server)
            counts[index] += 1
        except Exception:  # a server that defends itself closes connections
            time.sleep(0.05)


# ---- the honest client ---------------------------------------------------------------------------------------------


def honest(server, until, manifest, blob, pipe):
    """Pulls a warm manifest again and again, now and then a warm blob and a cold one; says what it met."""
    times, wrong, failed, connection, cold = [], 0, [], None, iter(HONEST.items())

    def get(path):
        nonlocal connection
        connection = connection or server.connection()
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            body = answer.read()
        except Exception:
            connection = None
            raise
        if answer.status != 200:
            raise AssertionError(f"{answer.status} to {path[:60]}")
        return body

    number = 0
    while time.monotonic() < until:
        number += 1
        try:
            began = time.monotonic()
            body = get("/v2/team/app/manifests/1")
            times.append(time.monotonic() - began)
            wrong += body != manifest
            if number % 100 == 0:
                wrong += get("/v2/team/app/blobs/" + BLOB) != blob
            if number % 400 == 0 and (wanted := next(cold, None)):
                wrong += get("/v2/docker.io/honest/x/blobs/" + wanted[0]) != wanted[1]
        except Exception as failure:
            failed.append(f"{type(failure).__name__} {failure}"[:200])
        time.sleep(0.01)
    pipe.send((times, wrong, failed))


def users(work):
    """An htpasswd file for `me` and `eve`."""
    made = subprocess.run(["htpasswd", "-nbB", "eve", "eve"], capture_output=True, text=True, check=False) if lab.shutil.which("htpasswd") else None
    if made and made.returncode == 0:
        lines = made.stdout.strip() + "\n" + subprocess.run(["htpasswd", "-nbB", "me", "me"], capture_output=True, text=True, check=True).stdout.strip()
    else:
        import warnings

        warnings.simplefilter("ignore")
        import crypt

        lines = "\n".join(f"{name}:{crypt.crypt(name, crypt.mksalt(crypt.METHOD_BLOWFISH, rounds=32))}" for name in ("eve", "me"))
    file = work / "users"
    file.write_text(lines + "\n")
    file.chmod(0o600)
    return file


def run(minutes, only=None):
    global BLOB
    attacks = [attack for attack in ATTACKS if only in (None, attack.__name__)]
    assert attacks, f"no attack {only}; there are " + ", ".join(sorted({attack.__name__ for attack in ATTACKS}))
    problems = []
    with lab.work_directory("entrepot-attacks-") as work:
        lab.must("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-keyout", work / "key.pem", "-out", work / "cert.pem")
        (work / "key.pem").chmod(0o600)
        upstream = multiprocessing.Process(target=serve_upstream, args=(port := lab.free_port(),), daemon=True)
        upstream.start()
        server = ground.Server(
            work,
            f"""tls: {{ certificate: {work}/cert.pem, key: {work}/key.pem }}
users: {users(work)}
access:
  - {{ repositories: "eve/*", read: ["*"], write: [eve] }}
  - {{ repositories: "*", read: ["*"], write: [me] }}
registries: {{ docker.io: {{ endpoints: ["http://127.0.0.1:{port}"] }} }}
""",
        )
        server.context = ground.ssl._create_unverified_context()
        blob = ground.noise("warm", 8 * MIB)
        BLOB = lab.digest_of(blob)
        manifest, contents = ground.image([blob])
        refused = server.push("team/app", "1", manifest, contents, {"Authorization": "Basic " + base64.b64encode(b"me:me").decode()})
        assert not refused, refused
        until = time.monotonic() + 60 * minutes
        ours, theirs = multiprocessing.Pipe()
        counts = multiprocessing.Array("l", len(attacks))
        processes = [multiprocessing.Process(target=again, args=(attack, server, until, counts, index), daemon=True) for index, attack in enumerate(attacks)]
        client = multiprocessing.Process(target=honest, args=(server, until, manifest, blob, theirs), daemon=True)
        for each in [client, *processes]:
            each.start()
        most, files = 0, 0
        while time.monotonic() < until and server.alive():
            rss, count = server.resident()
            most, files = max(most, rss), max(files, count)
            time.sleep(1)
        if server.alive():
            times, wrong, failed = ours.recv() if ours.poll(120) else ([], 0, ["the honest client never ended"])
        else:
            times, wrong, failed = [], 0, []
            problems.append(f"the server ended by itself: exit {server.process.returncode}: {server.log.read_text()[-300:]}")
        for each in [client, *processes, upstream]:
            each.terminate()
        times.sort()
        if times:
            p99 = times[int(len(times) * 0.99)]
            print(f"{len(times)} warm manifests: median {times[len(times) // 2] * 1000:.1f} ms, p99 {p99 * 1000:.1f} ms, slowest {times[-1] * 1000:.0f} ms")
            problems += [f"p99 of a warm manifest is {p99 * 1000:.0f} ms"] if p99 >= 0.05 else []
        print(f"resident at most {most} MiB, {files} open files; attacks: " + ", ".join(f"{attack.__name__} {count}" for attack, count in zip(attacks, counts)))
        problems += [f"the honest client got {wrong} wrong answers"] if wrong else []
        problems += [f"the honest client failed {len(failed)} times: {failed[0]}"] if failed else []
        said = collections.Counter(re.sub(r"[0-9a-f]{12,}|[0-9]+", "N", line)[:150] for line in server.log.read_text(errors="replace").splitlines() if "WARNING" in line or "ERROR" in line)
        for line, count in said.most_common(8):
            print(f"the log, {count} times: {line}")
        trouble = server.trouble()
        problems += [f"the log has {len(trouble)} lines such as: {trouble[0][:200]}"] if trouble else []
        server.stop()
    return problems


def serve_upstream(port):
    os.nice(19)
    ground.Upstream(hostile, port)
    time.sleep(1e6)
