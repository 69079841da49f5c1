"""The distribution specification 1.1, asked of a running registry.

    specification.py local HOST:PORT                  everything: push, pull, discovery, management
    specification.py fill HOST:PORT FILE              pushes contents, and writes to FILE what was pushed
    specification.py read HOST:PORT/PREFIX FILE       reads those contents through a proxy, which must refuse pushes

Written from the text of the specification, and in the forms of asking that the OCI conformance suite has. It is not
that suite and takes no part of it, so that passing here is not passing there: where that program can be had,
tests/interop/conformance runs it as well. Closes with "N passed, N failed".
"""

import base64
import hashlib
import http.client
import json
import os
import sys
import traceback

INDEX = "application/vnd.oci.image.index.v1+json"
IMAGE = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"
FOREIGN = "application/vnd.oci.image.layer.nondistributable.v1.tar"
EMPTY = "application/vnd.oci.empty.v1+json"
ACCEPT = f"{INDEX}, {IMAGE}"
CHECKS = []


def check(function):
    CHECKS.append(function)
    return function


def digest_of(data, algorithm="sha256"):
    return f"{algorithm}:{hashlib.new(algorithm, data).hexdigest()}"


def encoded(document):
    return json.dumps(document, separators=(",", ":")).encode()


class Answer:
    def __init__(self, asked, status, headers, body):
        self.asked, self.status, self.headers, self.body = asked, status, headers, body

    def __getitem__(self, name):
        return self.headers.get(name)

    def is_(self, *statuses):
        """Has one of the statuses."""
        assert self.status in statuses, f"{self.asked}: {self.status}, not {statuses}\n{dict(self.headers)} {self.body[:300]}"
        return self

    def has(self, **headers):
        for name, value in headers.items():
            name = name.replace("_", "-")
            assert self[name] == str(value), f"{self.asked}: {name} is {self[name]!r}, not {str(value)!r}"
        return self

    def holds(self, data):
        assert self.body == data, f"{self.asked}: other bytes ({len(self.body)}, not {len(data)}): {self.body[:200]}"
        return self

    def error(self, *codes):
        """The body is an error document with one of the codes."""
        self.has(Content_Type="application/json")
        for entry in json.loads(self.body)["errors"]:
            assert entry["code"] in codes, f"{self.asked}: {entry}, not {codes}"
            assert isinstance(entry["message"], str)
        return self

    @property
    def json(self):
        return json.loads(self.body)


class Client:
    """One repository of a registry."""

    def __init__(self, address, repository):
        self.address, self.repository = address, repository
        self.connection = http.client.HTTPConnection(address, timeout=120)

    def other(self, repository):
        return Client(self.address, repository)

    def ask(self, method, path, body=None, **headers):
        if not path.startswith("/"):
            path = f"/v2/{self.repository}/{path}"
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        self.connection.request(method, path, body=body, headers=sent)
        answer = self.connection.getresponse()
        return Answer(f"{method} {path}", answer.status, answer.headers, answer.read())

    def get(self, path, **headers):
        return self.ask("GET", path, **headers)

    def head(self, path, **headers):
        return self.ask("HEAD", path, **headers)

    def delete(self, path):
        return self.ask("DELETE", path)

    def begin(self, query="", body=b""):
        return self.ask("POST", "blobs/uploads/" + query, body)

    def at(self, answer, digest=None):
        """Where an answer sends us to: an address relative to the registry or absolute, maybe with a query."""
        location = answer["Location"]
        assert location, f"{answer.asked}: no Location"
        location = location.removeprefix(f"http://{self.address}")
        assert location.startswith("/"), location
        return location if digest is None else f"{location}{'&' if '?' in location else '?'}digest={digest}"

    def blob(self, data, algorithm="sha256"):
        digest = digest_of(data, algorithm)
        self.ask("PUT", self.at(self.begin().is_(202), digest), data).is_(201)
        return {"mediaType": LAYER, "digest": digest, "size": len(data)}

    def manifest(self, document, reference=None, algorithm="sha256", query="", subjects=True):
        """Puts a manifest by its digest, or by a tag: its bytes, its descriptor, the answer."""
        data = document if isinstance(document, bytes) else encoded(document)
        digest, kind = digest_of(data, algorithm), json.loads(data)["mediaType"]
        put = self.ask("PUT", f"manifests/{reference or digest}{query}", data, Content_Type=kind).is_(201)
        put.has(Docker_Content_Digest=digest)
        subject = json.loads(data).get("subject")
        if subject and subjects:
            put.has(OCI_Subject=subject["digest"])
        self.get(self.at(put), Accept=ACCEPT).is_(200).holds(data)
        return data, {"mediaType": kind, "digest": digest, "size": len(data)}, put

    def image(self, algorithm="sha256", layers=2, **more):
        parts = [self.blob(os.urandom(900), algorithm) for _ in range(layers)]
        config = self.blob(encoded({"architecture": "amd64", "os": "linux", "x": os.urandom(8).hex()}), algorithm)
        return {
            "schemaVersion": 2,
            "mediaType": IMAGE,
            "config": config | {"mediaType": CONFIG},
            "layers": parts,
        } | more

    def artifact(self, kind, **more):
        config = self.blob(b"{}") | {"mediaType": EMPTY}
        return self.image(layers=1, artifactType=kind, **more) | {"config": config}


def index(*children, **more):
    return {"schemaVersion": 2, "mediaType": INDEX, "manifests": list(children)} | more


def pulls(client, reference, data, kind, digest=None):
    """By a tag too the answer names the digest the manifest was put with, which may be one of sha512."""
    digest = reference if ":" in reference else digest or digest_of(data)
    assert digest_of(data, digest.partition(":")[0]) == digest
    length = len(data)
    for method in ("HEAD", "GET"):
        answer = client.ask(method, f"manifests/{reference}", Accept=ACCEPT).is_(200)
        answer.has(Content_Type=kind, Content_Length=length).holds(b"" if method == "HEAD" else data)
        answer.has(Docker_Content_Digest=digest)


def pulls_blob(client, digest, data):
    path = f"blobs/{digest}"
    client.head(path).is_(200).has(Content_Length=len(data), Docker_Content_Digest=digest).holds(b"")
    client.get(path).is_(200).has(Content_Length=len(data), Docker_Content_Digest=digest).holds(data)


def lists(client, subject, *descriptors, kind=None):
    query = f"?artifactType={kind}" if kind else ""
    answer = client.get(f"referrers/{subject}{query}").is_(200).has(Content_Type=INDEX)
    if kind:
        answer.has(OCI_Filters_Applied="artifactType")
    document = answer.json
    assert document["schemaVersion"] == 2 and document["mediaType"] == INDEX, document
    found = {entry["digest"]: entry for entry in document["manifests"]}
    assert set(found) == {wanted["digest"] for wanted in descriptors}, (answer.asked, found)
    for wanted in descriptors:
        entry = found[wanted["digest"]]
        assert wanted.items() <= entry.items(), (answer.asked, entry, wanted)


# ---- everything, of a registry that takes pushes -------------------------------------------------------------------


@check
def base_isAnswered(client):
    client.get("/v2/").is_(200).has(Docker_Distribution_API_Version="registry/2.0")


@check
def emptyRepository_hasNoReferrersAndNoTags(client):
    lists(client.other("spec/nothing"), digest_of(os.urandom(9)))
    client.other("spec/nothing").get("tags/list").is_(200, 404)


def algorithms(function):
    for algorithm in ("sha256", "sha512"):

        def bound(client, algorithm=algorithm):
            function(client, algorithm)

        bound.__name__ = f"{function.__name__}_{algorithm}"
        CHECKS.append(bound)
    return function


def gone(client, digest):
    client.delete(f"blobs/{digest}").is_(202)
    client.head(f"blobs/{digest}").is_(404).holds(b"")
    client.get(f"blobs/{digest}").is_(404).error("BLOB_UNKNOWN")


@algorithms
def blobInOnePost(client, algorithm):
    data = os.urandom(512)
    digest = digest_of(data, algorithm)
    client.get(f"blobs/{digest}").is_(404).error("BLOB_UNKNOWN")
    done = client.begin(f"?digest={digest}", data).is_(201).has(Docker_Content_Digest=digest)
    client.get(client.at(done)).is_(200).holds(data)
    pulls_blob(client, digest, data)
    gone(client, digest)


@algorithms
def blobByPostAndPut(client, algorithm):
    for data in (os.urandom(512), b"", b"{}"):
        digest = digest_of(data, algorithm)
        done = client.ask("PUT", client.at(client.begin().is_(202), digest), data).is_(201)
        client.get(client.at(done.has(Docker_Content_Digest=digest))).is_(200).holds(data)
        pulls_blob(client, digest, data)
        gone(client, digest)


@algorithms
def emptyBlobInEveryWay(client, algorithm):
    digest = digest_of(b"", algorithm)
    client.begin(f"?digest={digest}").is_(201)
    gone(client, digest)
    patched = client.ask("PATCH", client.at(client.begin().is_(202)), b"").is_(202)
    client.ask("PUT", client.at(patched, digest), b"").is_(201)
    pulls_blob(client, digest, b"")
    gone(client, digest)


@algorithms
def blobStreamed(client, algorithm):
    data = os.urandom(3000)
    digest = digest_of(data, algorithm)
    for body in (data, iter([data[:1000], data[1000:]])):
        patched = client.ask("PATCH", client.at(client.begin().is_(202)), body).is_(202).has(Range="0-2999")
        done = client.ask("PUT", client.at(patched, digest), b"").is_(201).has(Docker_Content_Digest=digest)
        client.get(client.at(done)).is_(200).holds(data)
        pulls_blob(client, digest, data)
        gone(client, digest)


def chunked(client, algorithm, last_by_put, out_of_order):
    data, size = os.urandom(3067), 1024
    digest = digest_of(data, algorithm)
    answer = client.begin().is_(202)
    minimum = answer["OCI-Chunk-Min-Length"]
    assert minimum is None or int(minimum) >= 0, minimum
    for first in range(0, len(data), size):
        last = min(first + size, len(data)) - 1
        if out_of_order:
            wrong = first + size if first + size < len(data) else 0
            end = min(wrong + size, len(data)) - 1
            put = last_by_put and end == len(data) - 1
            client.ask(
                "PUT" if put else "PATCH",
                client.at(answer, digest if put else None),
                data[wrong : end + 1],
                Content_Range=f"{wrong}-{end}",
                Content_Type="application/octet-stream",
            ).is_(416)
            # Without a byte the header has no honest form, but clients take the number off its end.
            answer = client.get(client.at(answer)).is_(204).has(Range=f"0-{max(0, first - 1)}")
        put = last_by_put and last == len(data) - 1
        answer = client.ask(
            "PUT" if put else "PATCH",
            client.at(answer, digest if put else None),
            data[first : last + 1],
            Content_Range=f"{first}-{last}",
            Content_Type="application/octet-stream",
        ).is_(201 if put else 202)
        if not put:
            answer.has(Range=f"0-{last}")
    if not last_by_put:
        answer = client.ask("PUT", client.at(answer, digest), b"").is_(201)
    client.get(client.at(answer.has(Docker_Content_Digest=digest))).is_(200).holds(data)
    pulls_blob(client, digest, data)
    gone(client, digest)


@algorithms
def blobInChunks(client, algorithm):
    chunked(client, algorithm, False, False)


@algorithms
def blobInChunks_lastByPut(client, algorithm):
    chunked(client, algorithm, True, False)


@algorithms
def blobInChunks_outOfOrderIs416AndGoesOn(client, algorithm):
    chunked(client, algorithm, False, True)


@algorithms
def blobInChunks_lastByPut_outOfOrderIs416AndGoesOn(client, algorithm):
    chunked(client, algorithm, True, True)


@check
def uploadThatNobodyBegan_is404(client):
    path = "blobs/uploads/11111111-2222-3333-4444-555555555555"
    for method, body in (("GET", None), ("PATCH", b"x"), ("PUT", b"x"), ("DELETE", None)):
        query = "?digest=" + digest_of(b"x") if method == "PUT" else ""
        client.ask(method, path + query, body).is_(404).error("BLOB_UPLOAD_UNKNOWN")


@check
def badContentRange_is400Or416(client):
    began = client.begin().is_(202)
    for value in ("bytes 0-3/4", "x", "-1-3", "3-0"):
        client.ask("PATCH", client.at(began), b"abcd", Content_Range=value).is_(400, 416).error(
            "BLOB_UPLOAD_INVALID", "RANGE_INVALID", "SIZE_INVALID"
        )
    client.get(client.at(began)).is_(204)
    client.ask("PATCH", client.at(began), b"abcd", Content_Range="0-9").is_(400, 416)
    client.ask("PUT", client.at(began, digest_of(b"abcd")), b"abcd").is_(201)


@check
def uploadWithoutDigest_orWithABadOne_is400(client):
    began = client.begin().is_(202)
    client.ask("PUT", client.at(began), b"abcd").is_(400).error("DIGEST_INVALID")
    for bad in ("sha256:abc", "sha256", "md5:" + "0" * 32, ""):
        client.ask("PUT", client.at(began, bad), b"abcd").is_(400).error("DIGEST_INVALID")
        client.begin(f"?digest={bad}", b"abcd").is_(400).error("DIGEST_INVALID")
        client.begin(f"?mount={bad}&from=a/b").is_(400).error("DIGEST_INVALID")
    client.ask("PUT", client.at(began, digest_of(b"abcd")), b"abcd").is_(201)


@algorithms
def wrongDigest_is400InEveryWay(client, algorithm):
    data = os.urandom(3000)
    digest = digest_of(data, algorithm)
    wrong = data + b"!"
    client.begin(f"?digest={digest}", wrong).is_(400).error("DIGEST_INVALID")
    client.ask("PUT", client.at(client.begin().is_(202), digest), wrong).is_(400).error("DIGEST_INVALID")
    streamed = client.ask("PATCH", client.at(client.begin().is_(202)), wrong).is_(202)
    client.ask("PUT", client.at(streamed, digest), b"").is_(400).error("DIGEST_INVALID")
    chunk = client.ask("PATCH", client.at(client.begin()), wrong[:1500], Content_Range="0-1499").is_(202)
    client.ask("PUT", client.at(chunk, digest), wrong[1500:], Content_Range="1500-3000").is_(400).error("DIGEST_INVALID")
    client.head(f"blobs/{digest}").is_(404)


@check
def uploadCancelled_isGone(client):
    began = client.begin().is_(202)
    client.ask("PATCH", client.at(began), b"abcd").is_(202)
    client.delete(client.at(began)).is_(204)
    client.get(client.at(began)).is_(404).error("BLOB_UPLOAD_UNKNOWN")
    client.delete(client.at(began)).is_(404).error("BLOB_UPLOAD_UNKNOWN")


@check
def uploadsAddressWithoutSlash_andDigestAlgorithm(client):
    data = os.urandom(99)
    began = client.ask("POST", "blobs/uploads").is_(202)
    client.ask("PUT", client.at(began, digest_of(data)), data).is_(201)
    began = client.begin("?digest-algorithm=sha512").is_(202)
    client.ask("PUT", client.at(began, digest_of(data, "sha512")), data).is_(201)
    pulls_blob(client, digest_of(data, "sha512"), data)


@algorithms
def mount(client, algorithm):
    other = client.other("spec/other")
    for query in ("&from=spec/other", "&from=spec%2Fother", ""):
        data = os.urandom(512)
        digest = digest_of(data, algorithm)
        missing = client.begin(f"?mount={digest}{query}").is_(202)
        client.get(client.at(missing)).is_(204)
        other.blob(data, algorithm)
        client.head(f"blobs/{digest}").is_(404)
        mounted = client.begin(f"?mount={digest}{query}").is_(201).has(Docker_Content_Digest=digest)
        client.get(client.at(mounted)).is_(200).holds(data)
        gone(client, digest)
        pulls_blob(other, digest, data)
        gone(other, digest)


@check
def mountOfWhatIsMissing_canBeUploadedThere(client):
    for query in ("&from=spec/nothing", "", "&from=Not//AName", "&from="):
        data = os.urandom(100)
        began = client.begin(f"?mount={digest_of(data)}{query}").is_(202)
        done = client.ask("PUT", client.at(began, digest_of(data)), data).is_(201)
        client.get(client.at(done)).is_(200).holds(data)
        gone(client, digest_of(data))


def ranges(client, digest, data):
    path, size = f"blobs/{digest}", len(data)
    for asked, first, end in (
        ("500-1499", 500, 1500),
        ("500-", 500, size),
        ("-500", size - 500, size),
        ("2000-5000", 2000, size),
        ("0-0", 0, 1),
        (f"-{size + 99}", 0, size),
    ):
        answer = client.get(path, Range=f"bytes={asked}").is_(206).holds(data[first:end])
        answer.has(Content_Length=end - first, Content_Range=f"bytes {first}-{end - 1}/{size}", Accept_Ranges="bytes")
    for asked in ("500-0", "5000-10000", f"{size}-", "-0"):
        client.get(path, Range=f"bytes={asked}").is_(416)
    client.get(path, Range="bytes=5000-").has(Content_Range=f"bytes */{size}")
    for ignored in ("items=0-1", "bytes", "bytes=a-b"):
        client.get(path, Range=ignored).is_(200).holds(data)
    # A range is defined for GET only (RFC 9110, section 14.2).
    client.head(path, Range="bytes=0-1").is_(200).has(Content_Length=size)
    client.get(path, Range="bytes=0-1", If_Range='"other"').is_(200).holds(data)


@algorithms
def rangesOfABlob(client, algorithm):
    data = os.urandom(2048)
    ranges(client, client.blob(data, algorithm)["digest"], data)


@check
def rangeOfAnEmptyBlob(client):
    client.blob(b"")
    client.get(f"blobs/{digest_of(b'')}", Range="bytes=0-").is_(416, 200)
    client.get(f"blobs/{digest_of(b'')}", Range="bytes=-1").is_(416, 200)


def whole_life(client, documents, algorithm="sha256", tags=(), by_parameter=False, tagged=True):
    """Puts manifests in order, tags the last, reads all by every way, lists, and deletes."""
    kept = []
    for document in documents:
        data = document if isinstance(document, bytes) else encoded(document)
        kept.append(client.manifest(data, algorithm=algorithm)[:2])
    data, descriptor = kept[-1]
    digest = descriptor["digest"]
    if by_parameter:
        put = client.manifest(data, algorithm=algorithm, query="?" + "&".join(f"tag={tag}" for tag in tags))[2]
        said = {part.strip() for value in put.headers.get_all("OCI-Tag") for part in value.split(",")}
        assert said == set(tags), said
    else:
        for tag in tags:
            client.manifest(data, tag)
    for data, descriptor in kept:
        pulls(client, descriptor["digest"], data, descriptor["mediaType"])
    for tag in tags:
        pulls(client, tag, kept[-1][0], kept[-1][1]["mediaType"], digest)
    listed = client.get("tags/list").is_(200, 404)
    if listed.status == 200:
        assert set(tags) <= set(listed.json["tags"]), listed.body
    for tag in tags:
        client.delete(f"manifests/{tag}").is_(202)
        client.head(f"manifests/{tag}").is_(404).holds(b"")
        client.get(f"manifests/{tag}").is_(404).error("MANIFEST_UNKNOWN")
    client.head(f"manifests/{digest}").is_(200)
    for data, descriptor in reversed(kept):
        client.delete(f"manifests/{descriptor['digest']}").is_(202)
        client.get(f"manifests/{descriptor['digest']}").is_(404).error("MANIFEST_UNKNOWN")
    for data, _ in kept:
        document = json.loads(data)
        for blob in [document.get("config"), *document.get("layers", [])]:
            if blob and "urls" not in blob:
                client.delete(f"blobs/{blob['digest']}").is_(202, 404)
                client.head(f"blobs/{blob['digest']}").is_(404)


@check
def image_livesItsWholeLife(client):
    whole_life(client, [client.image()], tags=["image"])


@check
def largeManifest_ofFourMegabytesIsTaken(client):
    notes = {f"note-{number}": "A" * 10000 for number in range(399)}
    document = client.image(annotations=notes)
    assert 3_990_000 < len(encoded(document)) < 4_194_304
    whole_life(client, [document], tags=["large"])


@check
def manifestInChunkedTransfer_isTaken(client):
    # What a client sends that gives its HTTP library a stream and no length.
    for notes in ({}, {f"note-{number}": "A" * 10000 for number in range(390)}):
        data = encoded(client.image(annotations=notes))
        pieces = iter([data[:999], data[999:]])
        put = client.ask("PUT", f"manifests/{digest_of(data)}", pieces, Content_Type=IMAGE).is_(201)
        client.get(client.at(put), Accept=ACCEPT).is_(200).holds(data)


@check
def acceptInTwoLines_andCompression(client):
    data, descriptor, _ = client.manifest(client.image())
    blob = json.loads(data)["config"]
    for path, length in ((f"manifests/{descriptor['digest']}", len(data)), (f"blobs/{blob['digest']}", blob["size"])):
        client.connection.putrequest("GET", f"/v2/{client.repository}/{path}", skip_accept_encoding=True)
        for name, value in (("Accept", INDEX), ("Accept", IMAGE), ("Accept-Encoding", "gzip")):
            client.connection.putheader(name, value)
        client.connection.endheaders()
        answer = client.connection.getresponse()
        body = answer.read()
        # The length is the content's own: nothing is compressed on its way.
        assert (answer.status, len(body), answer.headers["Content-Length"]) == (200, length, str(length)), path
        assert answer.headers["Content-Encoding"] is None, path


def platforms(client, algorithm="sha256", **more):
    images = [client.image(algorithm) for _ in range(2)]
    entries = []
    for document, name in zip(images, ("amd64", "arm64")):
        data = encoded(document)
        entries.append(
            {"mediaType": IMAGE, "digest": digest_of(data, algorithm), "size": len(data)}
            | {"platform": {"os": "linux", "architecture": name}}
        )
    return images + [index(*entries, **more)]


@check
def index_nestedIndex_emptyIndex(client):
    whole_life(client, platforms(client), tags=["index"])
    inner = platforms(client)
    data = encoded(inner[-1])
    entry = {"mediaType": INDEX, "digest": digest_of(data), "size": len(data)}
    whole_life(client, inner + [index(entry, entry | {"annotations": {"a": "b"}})], tags=["nested"])
    whole_life(client, [index()], tags=["empty-index"])


@check
def sha512_manifestsByDigest(client):
    whole_life(client, platforms(client, "sha512"), "sha512")


@check
def artifacts(client):
    whole_life(client, [client.artifact("application/vnd.example.one")], tags=["artifact"])
    empty = client.blob(b"{}") | {"mediaType": EMPTY}
    whole_life(client, [client.artifact("application/vnd.example.one") | {"layers": [empty]}], tags=["no-content"])
    whole_life(client, platforms(client, artifactType="application/vnd.example.one"), tags=["artifact-index"])


@check
def oddButLegalManifests(client):
    whole_life(client, [client.image(layers=0)], tags=["no-layers"])
    document = client.image(**{"org.example.field": {"a": [1, None]}})
    whole_life(client, [document], tags=["custom-fields"])
    document = client.image(layers=0)
    content = os.urandom(90)
    document["layers"] = [client.blob(content) | {"data": base64.b64encode(content).decode()}]
    whole_life(client, [document], tags=["data-field"])
    document = client.image(layers=1)
    foreign = digest_of(os.urandom(9))
    document["layers"] += [
        {"mediaType": FOREIGN + more, "digest": foreign, "size": 123456, "urls": ["https://store.example.com/" + foreign]}
        for more in ("", "+gzip")
    ]
    whole_life(client, [document], tags=["foreign-layers"])
    whole_life(client, [json.dumps(client.image(), indent=3).encode() + b"\n"], tags=["indented"])


@check
def sparseIndex_isTaken(client):
    *images, top = platforms(client)
    whole_life(client, [images[0], top], tags=["sparse"])


@check
def tagParameters(client):
    whole_life(client, platforms(client), tags=["one", "two", "three"], by_parameter=True)


@check
def tagParameters_sha512(client):
    whole_life(client, platforms(client, "sha512"), "sha512", ["one", "two"], by_parameter=True)


@check
def tagParameters_badOneIsRefused(client):
    data = encoded(client.image())
    client.ask("PUT", f"manifests/{digest_of(data)}?tag=-bad-", data, Content_Type=IMAGE).is_(400)
    client.head(f"manifests/{digest_of(data)}").is_(404)


@check
def manifestWithWrongDigest_is400(client):
    data = encoded(client.image())
    client.ask("PUT", f"manifests/{digest_of(data)}", data + b"  ", Content_Type=IMAGE).is_(400).error("DIGEST_INVALID")
    bad = "manifests/sha256:baddigeststring"
    client.ask("PUT", bad, data, Content_Type=IMAGE).is_(400).error("DIGEST_INVALID")
    client.get(bad).is_(400, 404)
    client.head(bad).is_(400, 404).holds(b"")
    client.delete(bad).is_(400, 404)


@check
def manifestErrors(client):
    missing = client.image()
    missing["layers"][0]["digest"] = digest_of(os.urandom(9))
    answer = client.ask("PUT", "manifests/bad", encoded(missing), Content_Type=IMAGE)
    answer.is_(400, 404).error("MANIFEST_BLOB_UNKNOWN")
    client.ask("PUT", "manifests/bad", b"no json", Content_Type=IMAGE).is_(400).error("MANIFEST_INVALID")
    client.ask("PUT", "manifests/" + "t" * 129, encoded(client.image()), Content_Type=IMAGE).is_(400)
    client.ask("PUT", "manifests/.dot", encoded(client.image()), Content_Type=IMAGE).is_(400)
    client.get("manifests/missing-tag").is_(404).error("MANIFEST_UNKNOWN")
    client.head("manifests/missing-tag").is_(404).holds(b"")
    client.get(f"manifests/{digest_of(os.urandom(9))}").is_(404).error("MANIFEST_UNKNOWN")
    client.delete("manifests/missing-tag").is_(404).error("MANIFEST_UNKNOWN")
    client.delete(f"manifests/{digest_of(os.urandom(9))}").is_(404).error("MANIFEST_UNKNOWN")
    client.delete(f"blobs/{digest_of(os.urandom(9))}").is_(404).error("BLOB_UNKNOWN")
    client.ask("POST", "manifests/v1").is_(405).error("UNSUPPORTED")
    for bad in ("Upper/case", "a//b", "a/_b", "a..b"):
        client.get(f"/v2/{bad}/manifests/v1").is_(400, 404).error("NAME_INVALID", "NAME_UNKNOWN")


@check
def tagMoves_andOldManifestStays(client):
    first, old, _ = client.manifest(client.image(), "moving")
    second, new, _ = client.manifest(client.image(), "moving")
    pulls(client, "moving", second, IMAGE)
    client.head("manifests/moving").has(Docker_Content_Digest=new["digest"])
    pulls(client, old["digest"], first, IMAGE)
    client.delete(f"manifests/{new['digest']}").is_(202)
    client.head("manifests/moving").is_(404)


@check
def tagsList_pages(client):
    client = client.other("spec/tags")
    data = encoded(client.image())
    names = ["B", "a", "a.1", "a_1", "b", "c", "A" * 128]
    for name in names:
        client.manifest(data, name)
    names.sort()
    answer = client.get("tags/list").is_(200).has(Content_Type="application/json")
    assert answer.json == {"name": "spec/tags", "tags": names}, answer.body
    for size in (1, 2, 3, 6, 7, 100):
        seen, path = [], f"tags/list?n={size}"
        while path:
            page = client.get(path).is_(200)
            assert 0 < len(page.json["tags"]) <= size, page.body
            seen += page.json["tags"]
            link = page["Link"]
            path = None
            if link:
                address, _, relation = link.partition(">")
                assert address[0] == "<" and 'rel="next"' in relation, link
                path = address[1:].removeprefix(f"http://{client.address}")
        assert seen == names, (size, seen)
    zero = client.get("tags/list?n=0").is_(200)
    assert zero.json["tags"] == [] and zero["Link"] is None
    assert client.get("tags/list?last=a").json["tags"] == [name for name in names if name > "a"]
    assert client.get("tags/list?n=2&last=aa").json["tags"] == ["b", "c"]
    assert client.get("tags/list?last=zzz").json["tags"] == []
    client.get("tags/list?n=-1").is_(400).error("PAGINATION_NUMBER_INVALID")
    client.head("tags/list").is_(200, 404, 405).holds(b"")


@check
def referrers_areListedFilteredAndForgotten(client):
    for make in (lambda: client.image(), lambda: index()):
        _, subject, _ = client.manifest(make() | {"annotations": {"x": os.urandom(8).hex()}})
        lists(client, subject["digest"])
        plain = client.manifest(client.image(subject=subject))[1] | {"artifactType": CONFIG}
        kept = [plain]
        for kind in ("application/vnd.example.one", "application/vnd.example.two+json"):
            notes = {"annotations": {"org.example.note": "hello", "org.example.unique": os.urandom(9).hex()}}
            kept.append(client.manifest(client.artifact(kind, subject=subject, **notes))[1] | notes | {"artifactType": kind})
            kept.append(client.manifest(index(subject=subject, artifactType=kind, **notes))[1] | notes | {"artifactType": kind})
        lists(client, subject["digest"], *kept)
        for kind in (CONFIG, "application/vnd.example.one", "application/vnd.example.two%2Bjson"):
            told = kind.replace("%2B", "+")
            lists(client, subject["digest"], *[one for one in kept if one["artifactType"] == told], kind=kind)
        lists(client, subject["digest"], kind="application/none")
        client.delete(f"manifests/{subject['digest']}").is_(202)
        lists(client, subject["digest"], *kept)
        client.delete(f"manifests/{plain['digest']}").is_(202)
        lists(client, subject["digest"], *kept[1:])


@check
def referrerOfAMissingSubject_isTakenAndListed(client):
    subject = {"mediaType": IMAGE, "digest": digest_of(os.urandom(9)), "size": 123}
    entry = client.manifest(client.artifact("application/vnd.example.one", subject=subject), "late")[1]
    lists(client, subject["digest"], entry)
    subject = {"mediaType": IMAGE, "digest": digest_of(os.urandom(9), "sha512"), "size": 123}
    entry = client.manifest(client.artifact("application/vnd.example.one", subject=subject))[1]
    lists(client, subject["digest"], entry)


@check
def referrersOfABadDigest_is400(client):
    client.get("referrers/sha256:baddigeststring").is_(400).error("DIGEST_INVALID")
    client.get("referrers/tag").is_(400).error("DIGEST_INVALID")


@check
def referrersOfTheFallbackTag_areListed(client):
    _, subject, _ = client.manifest(client.image())
    named = client.manifest(client.artifact("application/vnd.example.old"))[1] | {"artifactType": "application/vnd.example.old"}
    client.manifest(index(named), subject["digest"].replace(":", "-"))
    lists(client, subject["digest"], named)


# ---- what a proxy must give ----------------------------------------------------------------------------------------


def fill(client):
    """Contents, and all that is to be told of them."""
    blobs, manifests, told = {}, {}, {}
    for algorithm in ("sha256", "sha512"):
        data = os.urandom(2048)
        blobs[client.blob(data, algorithm)["digest"]] = data
    for data in (b"", os.urandom(3_000_000)):
        blobs[client.blob(data)["digest"]] = data
    for document in platforms(client):
        data, descriptor, _ = client.manifest(document)
        manifests[descriptor["digest"]] = data
    tags = {"v1": data, "v2": data}
    for tag in ("v1", "v2"):
        client.manifest(data, tag)
    notes = {"annotations": {"org.example.note": "hello"}}
    for kind in ("application/vnd.example.one", "application/vnd.example.two"):
        document = client.artifact(kind, subject=descriptor, **notes)
        data, entry, put = client.manifest(document, subjects=False)
        manifests[entry["digest"]] = data
        told.setdefault(descriptor["digest"], []).append(entry | notes | {"artifactType": kind})
    if not put["OCI-Subject"]:
        # A registry without the referrers API: the client keeps the list under a tag.
        tag = descriptor["digest"].replace(":", "-")
        tags[tag] = client.manifest(index(*told[descriptor["digest"]]), tag)[0]
    return {"blobs": text_of(blobs), "manifests": text_of(manifests), "tags": text_of(tags), "referrers": told}


READS = []


def read(function):
    READS.append(function)
    return function


def text_of(found):
    return {name: base64.b64encode(data).decode() for name, data in found.items()}


def bytes_of(found):
    return {name: base64.b64decode(data) for name, data in found.items()}


@read
def coldHeads(client, contents):
    for digest, data in bytes_of(contents["blobs"]).items():
        client.head(f"blobs/{digest}").is_(200).has(Content_Length=len(data), Docker_Content_Digest=digest)
    for digest, data in bytes_of(contents["manifests"]).items():
        kind = json.loads(data)["mediaType"]
        client.head(f"manifests/{digest}", Accept=ACCEPT).is_(200).has(Content_Length=len(data), Content_Type=kind)


@read
def coldRanges(client, contents):
    for digest, data in bytes_of(contents["blobs"]).items():
        if len(data) > 2000:
            client.get(f"blobs/{digest}", Range="bytes=500-0").is_(416)
            client.get(f"blobs/{digest}", Range="bytes=500-1499").is_(206).holds(data[500:1500])
            if len(data) < 5000:
                ranges(client, digest, data)


@read
def tagsAndManifestsAndBlobs_twice(client, contents):
    for _ in range(2):
        for tag, data in bytes_of(contents["tags"]).items():
            pulls(client, tag, data, json.loads(data)["mediaType"])
        for digest, data in bytes_of(contents["manifests"]).items():
            pulls(client, digest, data, json.loads(data)["mediaType"])
        for digest, data in bytes_of(contents["blobs"]).items():
            pulls_blob(client, digest, data)


@read
def tagsAreListed(client, contents):
    listed = client.get("tags/list").is_(200).json
    assert listed["name"] == client.repository and listed["tags"] == sorted(contents["tags"]), listed
    page = client.get("tags/list?n=1").is_(200)
    first = min(contents["tags"])
    assert page.json["tags"] == [first] and f"last={first}" in page["Link"], page.headers
    for last in contents["tags"]:
        after = client.get(f"tags/list?last={last}").is_(200).json["tags"]
        assert after == [tag for tag in sorted(contents["tags"]) if tag > last], (last, after)


@read
def referrersAreListed(client, contents):
    for subject, entries in contents["referrers"].items():
        lists(client, subject, *entries)
        for entry in entries:
            lists(client, subject, entry, kind=entry["artifactType"])
    lists(client, digest_of(os.urandom(9)))


@read
def whatIsMissing_is404(client, contents):
    digest = digest_of(os.urandom(9))
    client.get(f"blobs/{digest}").is_(404).error("BLOB_UNKNOWN")
    client.head(f"blobs/{digest}").is_(404).holds(b"")
    for reference in (digest, "missing-tag"):
        client.get(f"manifests/{reference}", Accept=ACCEPT).is_(404).error("MANIFEST_UNKNOWN")
        client.head(f"manifests/{reference}", Accept=ACCEPT).is_(404).holds(b"")
    client.get("manifests/sha256:baddigeststring").is_(400, 404)


@read
def writing_isRefused(client, contents):
    data = next(iter(bytes_of(contents["tags"]).values()))
    client.begin().is_(405).error("UNSUPPORTED")
    client.begin(f"?digest={digest_of(b'x')}", b"x").is_(405).error("UNSUPPORTED")
    client.ask("PUT", "manifests/v1", data, Content_Type=INDEX).is_(405).error("UNSUPPORTED")
    client.delete("manifests/v1").is_(405).error("UNSUPPORTED")
    client.delete(f"blobs/{next(iter(contents['blobs']))}").is_(405).error("UNSUPPORTED")


# ---- the run -------------------------------------------------------------------------------------------------------


def judge(checks, *arguments):
    failed = 0
    for function in checks:
        client, *rest = arguments
        try:
            function(client.other(client.repository), *rest)
        except (AssertionError, KeyError, ValueError, OSError, http.client.HTTPException):
            failed += 1
            print(f"FAIL  {function.__name__}\n{traceback.format_exc()}", flush=True)
        else:
            print(f"ok    {function.__name__}", flush=True)
    print(f"{len(checks) - failed} passed, {failed} failed")
    return 1 if failed else 0


def main(words):
    mode, address, *more = words
    host, _, prefix = address.partition("/")
    if mode == "local":
        return judge(CHECKS, Client(host, "spec/repo"))
    client = Client(host, f"{prefix}/spec/filled".lstrip("/"))
    if mode == "fill":
        with open(more[0], "w") as file:
            json.dump(fill(client), file)
        return 0
    with open(more[0]) as file:
        return judge(READS, client, json.load(file))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
