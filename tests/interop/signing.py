"""Images that the real cosign signs: what it says of them and what entrepot says is the same."""

import json

from lab import Serve, entrepot, environment, must, run
from scenarios import Skip, need, push_busybox, scenario

KINDS = {
    "p256": ("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"),
    "p384": ("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"),
    "p521": ("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-521"),
    "rsa": ("genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:3072"),
    "ed25519": ("genpkey", "-algorithm", "ED25519"),
}
PREDICATE = "https://slsa.dev/provenance/v1"
# cosign 3.1 refuses its own bundles of Ed25519 while it signs.
LAYOUTS = [(kind, layout) for kind in KINDS for layout in ("bundle", "tag") if (kind, layout) != ("ed25519", "bundle")]
# cosign must be told the hash for these, although it signs with it by itself.
HASHES = {"p384": "sha384", "p521": "sha512"}
# What cosign 3.1.3 makes in its older layout and then refuses itself: there only our answer counts.
REFUSES_ITS_OWN = {("p384", "tag"), ("p521", "tag"), ("ed25519", "tag")}


class Signing:
    """Keys of every kind and a cosign that asks nobody but the registry."""

    def __init__(self, case):
        self.case, self.here = case, case.directory
        self.variables = environment(HOME=case.home, COSIGN_PASSWORD="x")
        self.cosign("signing-config", "create", *self.nobody("fulcio", "oidc", "rekor", "tsa"), "--out", "none.json")
        self.cosign("trusted-root", "create", *self.nobody("fulcio", "rekor", "ctfe", "tsa"), "--out", "root.json")
        for kind, words in KINDS.items():
            must(need("openssl"), *words, "-out", self.here / f"{kind}.pem")
            self.cosign("import-key-pair", "--key", f"{kind}.pem", "--output-key-prefix", kind)

    @staticmethod
    def nobody(*services):
        return [f"--no-default-{service}" for service in services]

    def run(self, *words):
        return run("cosign", *words, env=self.variables, cwd=self.here)

    def cosign(self, *words):
        return must("cosign", *words, env=self.variables, cwd=self.here)

    def sign(self, verb, kind, layout, reference, *more):
        words = ["--yes", "--key", f"{kind}.key", "--allow-http-registry", *more]
        if layout == "bundle":
            words += ["--signing-config", "none.json", "--trusted-root", "root.json"]
        else:
            words += ["--tlog-upload=false", "--new-bundle-format=false", "--use-signing-config=false"]
        self.cosign(verb, *words, reference)

    def theirs(self, verb, kind, layout, reference, *more):
        hashed = ["--signature-digest-algorithm", HASHES[kind]] if layout == "bundle" and kind in HASHES else []
        old = [] if layout == "bundle" else ["--new-bundle-format=false"]
        done = self.run(
            verb, "--key", f"{kind}.pub", "--insecure-ignore-tlog", "--trusted-root", "root.json", "--allow-http-registry",
            *hashed, *old, *more, reference,
        )
        return done.code == 0

    def ours(self, kind, reference, *attestations):
        policy = {"rules": [{"match": reference.split("@")[0].rsplit("/", 1)[0] + "/**", "signedBy": [{"key": f"{kind}.pub"}]}]}
        if attestations:
            policy["rules"][0]["attestations"] = list(attestations)
        (self.here / "asked.yaml").write_text(json.dumps(policy))
        done = entrepot("verify", reference, "--policy", "asked.yaml", cwd=self.here, env=environment(HOME=self.case.home))
        return done.code == 0, done


def agree(signing, registry, address):
    """Signs lists, children and attestations with every key in both layouts, and asks both programs."""
    (signing.here / "predicate.json").write_text('{"buildDefinition":{},"runDetails":{}}')
    told = []
    for kind, layout in LAYOUTS:
        repository = f"acme/{kind}-{layout}"
        index = push_busybox(registry, repository, "1.0", f"{kind} {layout}".encode(), attest=False)
        reference = f"{address}/{repository}@{index['digest']}"
        child = json.loads(registry.manifest(repository, index["digest"]))["manifests"][0]["digest"]
        image = f"{address}/{repository}@{child}"
        other = "p256" if kind != "p256" else "rsa"
        demanded = ("--type", "slsaprovenance1")

        def compare(what, expected, theirs, ours, kind=kind, layout=layout):
            verdict, done = ours
            theirs = theirs or (expected and (kind, layout) in REFUSES_ITS_OWN)
            if (theirs, verdict) != (expected, expected):
                told.append(f"{what} of {kind}, {layout}: wanted {expected}, cosign {theirs}, ours {verdict}\n{done}")

        compare("unsigned", False, signing.theirs("verify", kind, layout, reference), signing.ours(kind, reference))
        signing.sign("sign", kind, layout, reference)
        compare("signature", True, signing.theirs("verify", kind, layout, reference), signing.ours(kind, reference))
        compare("wrong key", False, signing.theirs("verify", other, layout, reference), signing.ours(other, reference))
        compare("child of a signed list", False, signing.theirs("verify", kind, layout, image), signing.ours(kind, image))
        theirs = signing.theirs("verify-attestation", kind, layout, reference, *demanded)
        compare("missing attestation", False, theirs, signing.ours(kind, reference, PREDICATE))
        signing.sign("attest", kind, layout, reference, "--predicate", "predicate.json", *demanded)
        theirs = signing.theirs("verify-attestation", kind, layout, reference, *demanded)
        compare("attestation", True, theirs, signing.ours(kind, reference, PREDICATE))
    assert not told, "\n".join(told)


def prepared(case):
    if run("which", "cosign").code:
        raise Skip("no cosign on this machine: nothing was signed live; the fixtures of cosign 3 are judged by `mvn verify` all the same")
    return Signing(case)


@scenario(
    "what cosign signs is judged as cosign judges it: five kinds of keys, both layouts, lists, children, attestations",
    ("docker-registry", "docker-registry"), ("distribution", "docker-registry"),
)
def signs(case):
    agree(prepared(case), case.source, case.source.address)


@scenario("what cosign signs in `serve` is judged as cosign judges it, and a mirror asks for it before its tag moves")
def signs_in_serve(case):
    signing = prepared(case)
    with Serve(case.directory) as server:
        index = push_busybox(case.source, "acme/app", "1.0", attest=False)
        local = f"{server.address}/acme/app"
        case.entrepot("copy", case.src("acme/app:1.0"), f"{local}:1.0")
        reference = f"{local}@{index['digest']}"
        assert not signing.ours("p256", reference)[0]
        for kind in (kind for kind, layout in LAYOUTS if layout == "bundle"):
            signing.sign("sign", kind, "bundle", reference)
            verdict, done = signing.ours(kind, reference)
            assert verdict, done
        signing.sign("sign", "rsa", "tag", reference)
        assert signing.theirs("verify", "rsa", "tag", reference)

        case.mirror_file([f"source: {local}:1.0\n    as: app"])
        for kind, code in (("p521", 0), ("p384", 0)):
            (case.directory / "policy.yaml").write_text(
                json.dumps({"rules": [{"match": f"{server.address}/**", "signedBy": [{"key": f"{kind}.pub"}]}]})
            )
            case.mirror(code=code)
        assert "signedBy" in case.lock(), case.lock()
        must("openssl", *KINDS["p256"], "-out", case.directory / "foreign.pem")
        must("openssl", "pkey", "-in", case.directory / "foreign.pem", "-pubout", "-out", case.directory / "foreign.pub")
        (case.directory / "policy.yaml").write_text(
            json.dumps({"rules": [{"match": f"{server.address}/**", "signedBy": [{"key": "foreign.pub"}]}]})
        )
        refused = case.mirror(code=1)
        assert "wrong-signer" in refused.out + refused.err, refused
