"""The images that are pulled and copied: the same bytes every time."""

import hashlib
import json
import random
import re
import zlib

import lab

MIB = 1 << 20


def noise(seed, size):
    """A layer that does not compress, the same one for the same seed."""
    return lab.layer({f"data/{seed}": random.Random(seed).randbytes(size)})


def team(registry, count, shared, sizes=(3 * MIB, 2 * MIB, MIB)):
    """Two-platform images of some layers each; returns their names.

    shared: as images of one team are, with a base that all share and a runtime that five share, for each platform.
    Otherwise no two images have a layer in common.
    """
    names = []
    common = {}
    for number in range(count):
        name = f"bench/image-{number:03}"
        children = []
        for architecture in ("amd64", "arm64"):
            base = f"base-{architecture}" if shared else f"base-{architecture}-{number}"
            runtime = f"runtime-{architecture}-{number // 5}" if shared else f"runtime-{architecture}-{number}"
            layers = []
            for what, size in zip((f"program-{architecture}-{number}", runtime, base), reversed(sizes)):
                made = common.get(what) or noise(what, size)
                if shared and not what.startswith("program"):
                    common[what] = made
                layers.insert(0, made)
            children.append(lab.push_image(registry, name, layers, architecture, Labels={"name": name}))
        lab.push_index(registry, name, children, "1.0")
        names.append(name)
    return names


def large(registry, size):
    """An image whose amd64 layer is large, sent in pieces: it is never held in memory."""
    name = "bench/large"
    digest, sent = hashlib.sha256(), 0
    location = registry.ask("POST", f"/v2/{name}/blobs/uploads/")[1]["Location"]
    packer = zlib.compressobj(0, wbits=31)
    piece = random.Random("large").randbytes(4 * MIB)
    for at in range(0, size + len(piece), len(piece)):
        data = packer.compress(at.to_bytes(8, "big") + piece[8:]) if at < size else packer.flush()
        digest.update(data)
        status, headers, body = registry.ask(
            "PATCH", re.sub(r"^https?://[^/]+", "", location), data,
            {"Content-Type": "application/octet-stream", "Content-Range": f"{sent}-{sent + len(data) - 1}"},
        )
        assert status == 202, (status, body)
        location = headers["Location"]
        sent += len(data)
    path = re.sub(r"^https?://[^/]+", "", location)
    layer = "sha256:" + digest.hexdigest()
    status, _, body = registry.ask("PUT", f"{path}{'&' if '?' in path else '?'}digest={layer}")
    assert status == 201, (status, body)
    children = []
    for architecture in ("amd64", "arm64"):
        image = lab.push_image(registry, name, [noise(f"small-{architecture}", MIB)], architecture)
        if architecture == "amd64":
            manifest = json.loads(registry.manifest(name, image["digest"]))
            manifest["layers"].append({"mediaType": lab.OCI_LAYER, "digest": layer, "size": sent})
            image = registry.push_manifest(name, manifest, lab.OCI_MANIFEST) | {"platform": image["platform"]}
        children.append(image)
    lab.push_index(registry, name, children, "1.0")
    return name
