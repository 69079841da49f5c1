package io.entrepot.policy.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.config.SpecLoader;
import io.entrepot.oci.Repository;
import io.entrepot.policy.Policy;
import io.entrepot.policy.PolicyReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What clusters are given out of one policy. The expressions are evaluated by Kubernetes' own
 * library in {@code tests/interop/admission}.
 */
class ClusterDocumentsTest {

  private static final String DIGEST = "sha256:" + "a".repeat(64);
  private static final String DENIED = "sha256:" + "d".repeat(64);

  @SuppressWarnings("NullAway.Init")
  @TempDir
  Path folder;

  @Test
  void kubernetes_takesCopiesOfOursAndNoNeighbours() throws IOException {
    Pattern ours = pattern(kubernetes(policy("minAge: 1h")), "foreign");

    assertThat(
            List.of(
                "ghcr.io/acme/mirror/redis:7@" + DIGEST,
                "ghcr.io/acme/mirror/charts/redis@" + DIGEST,
                "ghcr.io/acme/mirror/redis:7",
                "localhost:5000/tools/kubectl:1@" + DIGEST))
        .allMatch(image -> ours.matcher(image).find());
    assertThat(
            List.of(
                "",
                "redis:7",
                "acme/mirror/redis:7",
                "ghcr.io/acme/mirror-evil/redis:7@" + DIGEST,
                "ghcr.io/acme/mirror:7@" + DIGEST,
                "ghcr.io/acme/mirror/../evil/redis@" + DIGEST,
                "ghcr.io/acme/mirror//redis@" + DIGEST,
                "ghcrxio/acme/mirror/redis:7@" + DIGEST,
                "evil.example/ghcr.io/acme/mirror/redis:7@" + DIGEST,
                "ghcr.io:443/acme/mirror/redis:7@" + DIGEST,
                "localhost:5000/tools/kubectl-evil:1@" + DIGEST,
                "localhost:5000/tools/kubectl/evil:1@" + DIGEST,
                "localhost:50001/tools/kubectl:1@" + DIGEST,
                "localhost/tools/kubectl:5000@" + DIGEST,
                "ghcr.io/acme/mirror/redis:7@" + DIGEST + "\nevil"))
        .noneMatch(image -> ours.matcher(image).find());
  }

  @Test
  void kubernetes_takesWholeDigestsOnly() throws IOException {
    Pattern pinned = pattern(kubernetes(policy("minAge: 1h")), "unpinned");

    assertThat(pinned.matcher("ghcr.io/acme/mirror/redis@" + DIGEST).find()).isTrue();
    assertThat(
            List.of(
                "ghcr.io/acme/mirror/redis:7",
                "ghcr.io/acme/mirror/redis@sha256:" + "a".repeat(63),
                "ghcr.io/acme/mirror/redis@" + DIGEST + "b",
                "ghcr.io/acme/mirror/redis:sha256-" + "a".repeat(64)))
        .noneMatch(image -> pinned.matcher(image).find());
  }

  @Test
  void kubernetes_looksAtPodsEphemeralContainersAndTemplates() throws IOException {
    Map<String, Object> asked = kubernetes(policy("minAge: 1h")).getFirst();

    assertThat(at(asked, "spec", "matchConstraints").toString())
        .contains("pods/ephemeralcontainers", "deployments", "statefulsets", "daemonsets")
        .contains("replicasets", "replicationcontrollers", "jobs", "cronjobs", "UPDATE");
    assertThat(variable(asked, "images"))
        .contains("initContainers", "ephemeralContainers", "v.image.reference");
  }

  @Test
  void kubernetes_warnsUnlessItEnforces_andSparesNamespaces() throws IOException {
    Map<String, Object> binding = kubernetes(policy("minAge: 1h")).getLast();

    assertThat(at(binding, "spec", "validationActions")).isEqualTo(List.of("Audit", "Warn"));
    assertThat(at(binding, "spec", "matchResources").toString())
        .contains("NotIn", "[dev, kube-system]");
    List<Map<String, Object>> strict =
        documents(KubernetesPolicy.of(policy("minAge: 1h"), copies(), true, List.of()));
    assertThat(at(strict.getLast(), "spec", "validationActions")).isEqualTo(List.of("Deny"));
  }

  @Test
  void kubernetes_refusesDeniedDigestsAndCopiesOfDeniedRepositories() throws IOException {
    Map<String, Object> asked =
        kubernetes(
                policy(
                    """
                    rules: [{ match: docker.io/library/redis, deny: frozen }]
                    deny: [{ digest: %s, reason: poisoned }]
                    """
                        .formatted(DENIED)))
            .getFirst();
    List<Pattern> denied = patterns(variable(asked, "denied"));

    assertThat(denied.stream().anyMatch(each -> each.matcher("x@" + DENIED).find())).isTrue();
    assertThat(denied.stream().anyMatch(each -> each.matcher("ghcr.io/acme/mirror/redis:7").find()))
        .isTrue();
    assertThat(
            denied.stream().anyMatch(each -> each.matcher("ghcr.io/acme/mirror/redis-ha:7").find()))
        .isFalse();
    assertThat(at(asked, "spec", "validations").toString()).contains("variables.denied");
  }

  @Test
  void kyverno_namesCopiesToTheEnd_andAnchorsIdentities() throws IOException {
    JsonNode rule =
        new JsonMapper()
            .valueToTree(
                documents(KyvernoPolicy.of(signed(), copies(), true, List.of("dev"))).getFirst())
            .at("/spec/rules/0");

    JsonNode verify = rule.at("/verifyImages/0");
    assertThat(verify.path("imageReferences").toString())
        .isEqualTo("[\"ghcr.io/acme/mirror/app:*\",\"ghcr.io/acme/mirror/app@*\"]");
    assertThat(verify.path("failureAction").asString()).isEqualTo("Enforce");
    assertThat(verify.path("required").asBoolean()).isTrue();
    assertThat(rule.at("/exclude").toString()).contains("dev", "kube-system");
    JsonNode entries = verify.at("/attestors/0/entries");
    assertThat(entries.at("/0/keys/publicKeys").asString()).startsWith("-----BEGIN PUBLIC KEY");
    Pattern identity = Pattern.compile(entries.at("/1/keyless/subjectRegExp").asString());
    assertThat(identity.matcher("https://github.com/acme/app/ci.yaml@main").find()).isTrue();
    assertThat(identity.matcher("https://github.com/acme/app/x/ci.yaml@main").find()).isFalse();
    assertThat(identity.matcher("https://github.com/acme-evil/app/ci.yaml@main").find()).isFalse();
    assertThat(identity.matcher("evil https://github.com/acme/app/ci.yaml@main").find()).isFalse();
    assertThat(identity.matcher("https://githubxcom/acme/app/ci.yaml@main").find()).isFalse();
  }

  @Test
  void sigstore_hasAPolicyForEachAttestation_soThatAnySignerMayMakeEach() throws IOException {
    List<Map<String, Object>> documents =
        documents(
            SigstorePolicy.of(
                policy(
                    """
                    rules:
                      - match: ghcr.io/acme/*
                        signedBy: [{ key: keys/acme.pub }]
                        attestations: [https://slsa.dev/provenance/v1, https://spdx.dev/Document]
                    """),
                copies(),
                false));

    assertThat(documents).hasSize(2);
    JsonNode first = new JsonMapper().valueToTree(documents.getFirst());
    assertThat(first.at("/spec/mode").asString()).isEqualTo("warn");
    assertThat(first.at("/spec/authorities/0/attestations/0/predicateType").asString())
        .isEqualTo("https://slsa.dev/provenance/v1");
    assertThat(documents.stream().map(each -> at(each, "metadata", "name")).distinct()).hasSize(2);
  }

  @Test
  void containers_rejectWhatIsNotNamedAndWhatTheyCannotCheck() throws IOException {
    JsonNode signed =
        new JsonMapper()
            .readTree(
                ContainersPolicy.of(
                        policy(
                            "rules: [{ match: ghcr.io/acme/*, signedBy: [{ key: keys/acme.pub }] }]"),
                        copies())
                    .text());
    assertThat(signed.at("/default/0/type").asString()).isEqualTo("reject");
    JsonNode docker = signed.at("/transports/docker");
    assertThat(docker.path("ghcr.io/acme/mirror").path(0).path("type").asString())
        .isEqualTo("insecureAcceptAnything");
    JsonNode app = docker.path("ghcr.io/acme/mirror/app").path(0);
    assertThat(app.path("type").asString()).isEqualTo("sigstoreSigned");
    assertThat(app.at("/signedIdentity/dockerRepository").asString()).isEqualTo("ghcr.io/acme/app");

    ClusterDocument attested =
        ContainersPolicy.of(
            policy(
                """
                rules:
                  - match: ghcr.io/acme/*
                    signedBy: [{ key: keys/acme.pub }]
                    attestations: [https://slsa.dev/provenance/v1]
                """),
            copies());
    assertThat(
            new JsonMapper()
                .readTree(attested.text())
                .at("/transports/docker")
                .path("ghcr.io/acme/mirror/app")
                .path(0)
                .path("type")
                .asString())
        .isEqualTo("reject");
    assertThat(attested.notes()).anyMatch(note -> note.contains("its images are rejected"));
  }

  private Policy signed() throws IOException {
    return policy(
        """
        trustedRoot: trusted_root.json
        rules:
          - match: ghcr.io/acme/*
            signedBy:
              - key: keys/acme.pub
              - keyless: { issuer: "https://issuer.example", identity: "https://github.com/acme/*/ci.yaml@main" }
        """);
  }

  private Policy policy(String text) throws IOException {
    Path examples = Path.of("../config");
    Files.createDirectories(folder.resolve("keys"));
    for (String file : List.of("keys/acme.pub", "trusted_root.json")) {
      Files.write(folder.resolve(file), Files.readAllBytes(examples.resolve(file)));
    }
    Path file = Files.writeString(folder.resolve("policy.yaml"), text);
    return new SpecLoader(_ -> null).load(file, PolicyReader::read);
  }

  private static Copies copies() {
    TreeMap<Repository, SortedSet<Repository>> sources = new TreeMap<>();
    sources.put(repository("ghcr.io/acme/mirror/redis"), set("docker.io/library/redis"));
    sources.put(repository("ghcr.io/acme/mirror/app"), set("ghcr.io/acme/app"));
    sources.put(repository("localhost:5000/tools/kubectl"), new TreeSet<>());
    return new Copies(Optional.of(repository("ghcr.io/acme/mirror")), sources);
  }

  private static SortedSet<Repository> set(String source) {
    return new TreeSet<>(List.of(repository(source)));
  }

  private static Repository repository(String text) {
    return Repository.parse(text);
  }

  private static List<Map<String, Object>> kubernetes(Policy policy) {
    return documents(KubernetesPolicy.of(policy, copies(), false, List.of("dev")));
  }

  private static List<Map<String, Object>> documents(ClusterDocument printed) {
    List<Map<String, Object>> documents = new ArrayList<>();
    for (Object each : new Yaml().loadAll(printed.text())) {
      documents.add(map(each));
    }
    return documents;
  }

  @SuppressWarnings("unchecked") // a document of Kubernetes
  private static Map<String, Object> map(Object value) {
    return (Map<String, Object>) value;
  }

  private static Object at(Map<String, Object> document, String... keys) {
    Object value = document;
    for (String key : keys) {
      value = map(value).getOrDefault(key, "nothing at " + key);
    }
    return value;
  }

  private static String variable(Map<String, Object> document, String name) {
    for (Object each : (List<?>) at(document, "spec", "variables")) {
      if (name.equals(map(each).get("name"))) {
        return String.valueOf(map(each).get("expression"));
      }
    }
    throw new AssertionError("no variable " + name);
  }

  private static Pattern pattern(List<Map<String, Object>> documents, String variable) {
    return patterns(variable(documents.getFirst(), variable)).getFirst();
  }

  /** The expressions in r'…'; both libraries read what they hold in the same way. */
  private static List<Pattern> patterns(String expression) {
    Matcher quoted = Pattern.compile("r'([^']*)'").matcher(expression);
    List<Pattern> found = new ArrayList<>();
    while (quoted.find()) {
      // In RE2 a dollar is the very end; in Java it also stands before a last line break.
      found.add(Pattern.compile(quoted.group(1).replaceAll("\\$$", "\\\\z")));
    }
    return found;
  }
}
