"""What both runs stand on: the server as a process, an upstream that does what it is told, and small clients."""

import hashlib
import http.client
import http.server
import json
import pathlib
import signal
import socket
import socketserver
import ssl
import subprocess
import threading
import time

import lab

IMAGE = lab.OCI_MANIFEST
INDEX = lab.OCI_INDEX
TROUBLE = ("has been blocked", "Cannot reserve", "OutOfMemoryError", "OutOfDirectMemoryError", "StackOverflowError")


def image(layers):
    """(manifest, contents by digest) of an image of these layers."""
    config = json.dumps({"os": "linux", "architecture": "amd64", "layers": [lab.digest_of(each) for each in layers]}).encode()
    contents = {lab.digest_of(each): each for each in (config, *layers)}

    def descriptor(kind, content):
        return {"mediaType": kind, "digest": lab.digest_of(content), "size": len(content)}

    manifest = {
        "schemaVersion": 2,
        "mediaType": IMAGE,
        "config": descriptor(lab.OCI_CONFIG, config),
        "layers": [descriptor("application/vnd.oci.image.layer.v1.tar", each) for each in layers],
    }
    return json.dumps(manifest).encode(), contents


def noise(seed, length):
    """Bytes that are the same for the same seed."""
    unit = hashlib.sha256(str(seed).encode()).digest() * 2048
    return (unit * (length // len(unit) + 1))[:length]


class Upstream:
    """A registry whose answers a function makes: it is given the handler and says what it wants by `reply`."""

    def __init__(self, answer, port=0):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_GET(self):
                try:
                    answer(self)
                except OSError:
                    self.close_connection = True

            do_HEAD = do_GET

            def reply(self, status, body=b"", **headers):
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name.replace("_", "-"), value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command == "GET":
                    self.wfile.write(body)

        class Threads(socketserver.ThreadingMixIn, http.server.HTTPServer):
            daemon_threads = True
            request_queue_size = 512

            def handle_error(self, *_):
                pass

        self.server = Threads(("127.0.0.1", port), Handler)
        self.origin = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


class Server:
    """`entrepot serve`, which can be killed and started again over the same store."""

    def __init__(self, work, configuration):
        self.work = pathlib.Path(work)
        self.port = lab.free_port()
        self.log = self.work / "serve.log"
        self.file = self.work / "proxy.yaml"
        self.file.write_text(f"listen: 127.0.0.1:{self.port}\ncache: {{ directory: {self.work / 'store'}, maxSize: 200MiB }}\n{configuration}")
        self.context = None
        self.start()

    def start(self):
        with self.log.open("ab") as log:
            self.process = subprocess.Popen([lab.ENTREPOT, "serve", "-c", self.file], stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=lab.environment())
        for _ in range(1800):
            if self.process.poll() is not None:
                raise AssertionError("serve ended: " + self.log.read_text()[-2000:])
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
                return
            except OSError:
                time.sleep(0.1)
        raise AssertionError("serve does not listen")

    def alive(self):
        return self.process.poll() is None

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        if self.alive():
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                self.kill()

    def resident(self):
        """MiB, and open files."""
        here = pathlib.Path("/proc") / str(self.process.pid)
        try:
            rss = next(int(line.split()[1]) for line in (here / "status").read_text().splitlines() if line.startswith("VmRSS"))
            return rss // 1024, len(list((here / "fd").iterdir()))
        except (OSError, StopIteration):
            # It was killed just now: what is left of it has no memory.
            return 0, 0

    def trouble(self):
        lines = self.log.read_text(errors="replace").splitlines()
        return [line for line in lines if any(word in line for word in TROUBLE)]

    def connection(self, timeout=60):
        if self.context:
            return http.client.HTTPSConnection("127.0.0.1", self.port, context=self.context, timeout=timeout)
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)

    def socket(self, protocols=(), narrow=False):
        plain = socket.socket()
        if narrow:
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        plain.settimeout(30)
        plain.connect(("127.0.0.1", self.port))
        if not self.context:
            return plain
        context = ssl._create_unverified_context()
        if protocols:
            context.set_alpn_protocols(list(protocols))
        return context.wrap_socket(plain)

    def ask(self, method, path, body=None, headers=None, timeout=60):
        connection = self.connection(timeout)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def push(self, name, tag, manifest, contents, headers=None):
        """Statuses of what was refused."""
        headers = headers or {}
        refused = []
        for digest, content in contents.items():
            status, _ = self.ask("POST", f"/v2/{name}/blobs/uploads/?digest={digest}", content, headers | {"Content-Type": "application/octet-stream"})
            refused += [] if status == 201 else [status]
        status, _ = self.ask("PUT", f"/v2/{name}/manifests/{tag}", manifest, headers | {"Content-Type": IMAGE})
        return refused + ([] if status == 201 else [status])
