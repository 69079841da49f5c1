package io.entrepot.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.config.SpecLoader;
import io.entrepot.mirror.MirrorEntry.Assembly;
import io.entrepot.mirror.MirrorEntry.ImageCopy;
import io.entrepot.mirror.MirrorEntry.TagSelection;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Platform;
import io.entrepot.oci.RegistryName;
import io.entrepot.registry.Endpoint;
import io.entrepot.registry.Upstream;
import io.entrepot.registry.auth.Credentials;
import io.entrepot.registry.auth.Origin;
import io.entrepot.yaml.ConfigException;
import io.entrepot.yaml.Problem;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MirrorSpecReaderTest {

  private static final String DIGEST = "sha256:" + "a".repeat(64);
  private static final Platform AMD64 = Platform.parse("linux/amd64");
  private static final Platform ARM64 = Platform.parse("linux/arm64");

  @SuppressWarnings("NullAway.Init")
  @TempDir
  Path directory;

  @Test
  void defaults_areFlatBothPlatformsReferrersRetain() throws Exception {
    assertThat(entries("target: r.io/m\nimages: [busybox:1.36]"))
        .containsExactly(
            new ImageCopy(
                ref("docker.io/library/busybox:1.36"),
                ref("r.io/m/busybox:1.36"),
                new CopyPolicy(List.of(AMD64, ARM64), false, true, true, null),
                directory.resolve("mirror.yaml") + ":2"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "flat | redis               | docker.io/library/redis:latest        | r.io/m/redis:latest",
        "flat | bitnami/os-shell:12 | docker.io/bitnami/os-shell:12         | r.io/m/bitnami-os-shell:12",
        "path | bitnami/os-shell:12 | docker.io/bitnami/os-shell:12         | r.io/m/bitnami/os-shell:12",
        "full | bitnami/os-shell:12 | docker.io/bitnami/os-shell:12         | r.io/m/docker.io/bitnami/os-shell:12",
        "full | localhost:5000/a:1  | localhost:5000/a:1                    | r.io/m/localhost_5000/a:1",
      })
  void plainImage_isNamedByTheRule(String rule, String image, String source, String target)
      throws Exception {
    assertThat(copies("target: r.io/m\nnaming: " + rule + "\nimages: ['" + image + "']"))
        .containsExactly(source + " -> " + target);
  }

  @Test
  void everySpellingOfAnImage() throws Exception {
    assertThat(
            copies(
                """
                target: r.io/m
                images:
                  - source: grafana/grafana:12.1.0
                    as: grafana
                  - source: acme/a:1
                    target: other.io/x/b
                  - source: acme/a:1
                    target: other.io/x/b:2
                  - source: acme/c
                    tags: [v1.9.1, 1.10]
                    as: c
                  - source: registry.k8s.io/pause@DIGEST
                    target: r.io/m/pause:3.10
                  - registry.k8s.io/pause:3.9@DIGEST
                  - artifact: envoyproxy/gateway-helm:1.5.4
                """))
        .containsExactly(
            "docker.io/grafana/grafana:12.1.0 -> r.io/m/grafana:12.1.0",
            "docker.io/acme/a:1 -> other.io/x/b:1",
            "docker.io/acme/a:1 -> other.io/x/b:2",
            "docker.io/acme/c:v1.9.1 -> r.io/m/c:v1.9.1",
            "docker.io/acme/c:1.10 -> r.io/m/c:1.10",
            "registry.k8s.io/pause@" + DIGEST + " -> r.io/m/pause:3.10",
            "registry.k8s.io/pause@" + DIGEST + " -> r.io/m/pause:3.9",
            "docker.io/envoyproxy/gateway-helm:1.5.4 -> r.io/m/envoyproxy-gateway-helm:1.5.4");
  }

  @Test
  void tagFilter_isRead() throws Exception {
    List<MirrorEntry> entries =
        entries(
            """
            target: r.io/m
            images:
              - source: quay.io/spotahome/redis-operator
                tags: { semver: ">=1.2.4 <2", match: "^v", newest: 3 }
              - source: quay.io/a/b
                tags: { newest: 1 }
                target: r.io/x/y
            """);
    assertThat(entries.get(0))
        .isInstanceOfSatisfying(
            TagSelection.class,
            selection -> {
              assertThat(selection.source()).hasToString("quay.io/spotahome/redis-operator");
              assertThat(selection.target()).hasToString("r.io/m/spotahome-redis-operator");
              assertThat(selection.filter().semver()).hasToString(">=1.2.4 <2");
              assertThat(selection.filter().match()).hasToString("^v");
              assertThat(selection.filter().newest()).isEqualTo(3);
            });
    assertThat(entries.get(1))
        .isInstanceOfSatisfying(
            TagSelection.class,
            selection -> {
              assertThat(selection.target()).hasToString("r.io/x/y");
              assertThat(selection.filter().semver()).isNull();
            });
  }

  @Test
  void assembly_isRead() throws Exception {
    assertThat(
            entries(
                """
                images:
                  - assemble:
                      linux/x86_64: acme/tool:1.0-amd64
                      linux/arm64/v8: acme/tool:1.0-arm64
                    target: r.io/m/tool:1.0
                """))
        .singleElement()
        .isInstanceOfSatisfying(
            Assembly.class,
            assembly -> {
              assertThat(assembly.parts())
                  .isEqualTo(
                      Map.of(AMD64, ref("acme/tool:1.0-amd64"), ARM64, ref("acme/tool:1.0-arm64")));
              assertThat(assembly.target()).hasToString("r.io/m/tool:1.0");
              assertThat(assembly.policy().platforms()).containsExactly(AMD64, ARM64);
            });
  }

  @Test
  void policies_ofFileAndImage() throws Exception {
    List<CopyPolicy> policies =
        entries(
                """
                target: r.io/m
                platforms: [linux/amd64, linux/arm64]
                referrers: false
                retain: false
                images:
                  - a/plain:1
                  - source: a/waived:1
                    platforms: [linux/amd64]
                    reason: no arm64 upstream
                  - source: a/more:1
                    platforms: [linux/arm64, linux/amd64, linux/arm/v7]
                    referrers: true
                    retain: true
                  - artifact: a/chart:1
                """)
            .stream()
            .map(MirrorEntry::policy)
            .toList();
    assertThat(policies)
        .containsExactly(
            new CopyPolicy(List.of(AMD64, ARM64), false, false, false, null),
            new CopyPolicy(List.of(AMD64), false, false, false, "no arm64 upstream"),
            new CopyPolicy(
                List.of(ARM64, AMD64, Platform.parse("linux/arm/v7")), false, true, true, null),
            new CopyPolicy(List.of(), true, false, false, null));
  }

  @Test
  void quiet_isTheFilesWord_orTheImages() throws Exception {
    String images =
        "target: r.example/m\nimages:\n  - a/b:1\n  - {source: a/c:1, quiet: %s}\n  - {artifact: a/d:1}\n";
    assertThat(entries(images.formatted("false")).stream().map(each -> each.policy().quiet()))
        .containsExactly(true, false, true);
    assertThat(
            entries("quiet: false\n" + images.formatted("true")).stream()
                .map(each -> each.policy().quiet()))
        .containsExactly(false, true, false);
  }

  @Test
  void registries_areRead() throws Exception {
    Path ca = directory.resolve("certs/corp.pem");
    Files.createDirectories(ca.resolveSibling("."));
    Files.writeString(ca, "x");
    MirrorSettings settings =
        load(
            """
            target: r.io/m
            registries:
              index.docker.io:
                endpoints: ["https://mirror.example:8443/hub/{flat}", localhost:5001, far.example]
                credentials: { username: "${USER_NAME}", password: "${TOKEN}" }
                tokenRealms: ["https://auth.example"]
                pullBudget: { keep: 20 }
                ca: certs/corp.pem
              ghcr.io: {}
              quay.io:
                credentials: { username: "${NONE:-}", password: "${NONE:-}" }
            images: [busybox]
            """);
    assertThat(settings.registries())
        .containsOnlyKeys(
            RegistryName.DOCKER_HUB, new RegistryName("ghcr.io"), new RegistryName("quay.io"));
    assertThat(settings.registries().get(RegistryName.DOCKER_HUB))
        .isEqualTo(
            new Upstream(
                RegistryName.DOCKER_HUB,
                List.of(
                    Endpoint.parse("https://mirror.example:8443/hub/{flat}"),
                    Endpoint.parse("http://localhost:5001"),
                    Endpoint.parse("https://far.example")),
                Credentials.basic("somebody", "s3cret"),
                Set.of(new Origin("https", "auth.example", 443)),
                20,
                ca));
    assertThat(settings.registries().get(new RegistryName("quay.io")))
        .isEqualTo(Upstream.of(new RegistryName("quay.io")));
    assertThat(settings.toString()).doesNotContain("s3cret");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "nothing: 1 | 3: nothing: unknown property",
        "imgaes: [] | 3: imgaes: unknown property; did you mean 'images'?",
        "target: r.io/n | 3: target: given twice; first in line 1",
        "naming: nested | 3: naming: not a naming rule: 'nested' (flat, path or full)",
        "platforms: linux/amd64 | 3: platforms: expected a list, found other text",
        "platforms: [] | 3: platforms: is empty",
        "platforms: [linux] | 3: platforms[0]: not a platform: 'linux'",
        "platforms: [linux/amd64, linux/x86_64] | 3: platforms[1]: is linux/amd64, which is there",
        "referrers: maybe | 3: referrers: expected true or false",
        "retain: [true] | 3: retain: expected true or false, found a list",
        "registries: [docker.io] | 3: registries: expected a mapping",
        "registries: { docker.io: { endpoint: [] } } | 3: registries['docker.io'].endpoint: unknown"
            + " property; did you mean 'endpoints'?",
        "registries: { docker.io: {}, index.docker.io: {} } | 3: registries['index.docker.io']: is"
            + " docker.io, as in line 3",
        "registries: { 'a b': {} } | 3: registries['a b']: not a registry",
        "registries: { r.io: { endpoints: [] } } | 3: registries['r.io'].endpoints: is empty",
        "registries: { r.io: { endpoints: ['ftp://x'] } } | 3: registries['r.io'].endpoints[0]: not"
            + " an endpoint",
        "registries: { r.io: { endpoints: ['https://u:p@x'] } } | 3: registries['r.io'].endpoints[0]",
        "registries: { r.io: { credentials: { username: a } } } | 3:"
            + " registries['r.io'].credentials.password: is missing",
        "registries: { r.io: { credentials: { username: a, password: '' } } } | 3:"
            + " registries['r.io'].credentials: only one of",
        "registries: { r.io: { pullBudget: { keep: -1 } } } | 3:"
            + " registries['r.io'].pullBudget.keep: expected a whole number, 0 or more",
        "registries: { r.io: { pullBudget: 20 } } | 3: registries['r.io'].pullBudget: expected a"
            + " mapping with keep",
        "registries: { r.io: { tokenRealms: [x] } } | 3: registries['r.io'].tokenRealms[0]: not the"
            + " address",
        "registries: { r.io: { ca: none.pem } } | 3: registries['r.io'].ca: no such file",
        "naming: ${RULE} | 3: naming: environment variable RULE is not set",
        "naming: ${RULE | 3: naming: not a variable: '${RULE'",
      })
  void wrongProperty_isRefusedWithLineAndProperty(String line, String expected) {
    refused("target: r.io/m\nimages: [busybox]\n" + line + "\n", expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "'not an image' | images[1]: not an image reference",
        "true | images[1]: expected text, in quotes, found a truth value",
        "[a] | images[1]: expected an image or a mapping, found a list",
        " | images[1]: is empty",
        "busybox | images[1]: ends at the same target r.io/m/busybox:latest as the entry in line 3",
        "r.io/m/x:1 | images[1]: lies inside the target r.io/m",
        "registry.k8s.io/pause@DIGEST | images[1]: is given by digest; say under which tag it is"
            + " kept: target: r.io/m/pause:TAG",
        "{ as: x } | images[1]: says no source",
        "{ source: a/b:1, artifact: a/b:1 } | images[1]: has source and artifact; only one",
        "{ sorce: a/b:1 } | images[1].sorce: unknown property; did you mean 'source'?",
        "{ source: 'a b' } | images[1].source: not an image reference",
        "{ source: r.io/m/a:1, target: o.io/a } | images[1].source: lies inside the target r.io/m",
        "{ source: o.io/a:1, target: o.io/a:2 } | images[1].source: lies inside the target o.io/a",
        "{ source: a/b:1, as: x, target: r.io/x } | images[1].as: cannot be given with target",
        "{ source: a/b:1, as: x:2 } | images[1].as: 'x:2' is not a name",
        "{ source: a/b:1, as: X } | images[1].as: not a repository: 'm/X'",
        "{ source: a/b:1, as: busybox, tags: [latest] } | images[1].source: has a tag already",
        "{ source: 'a/b@DIGEST', tags: [latest] } | images[1].source: has a digest already",
        "{ source: a/b, as: busybox, tags: [v1, latest] } | images[1].tags[1]: ends at the same"
            + " target r.io/m/busybox:latest as the entry in line 3",
        "{ source: a/b, tags: [] } | images[1].tags: is empty",
        "{ source: a/b, tags: ['a b'] } | images[1].tags[0]: not a tag",
        "{ source: a/b, tags: v1 } | images[1].tags: expected a mapping with semver, match, newest",
        "{ source: a/b, tags: {} } | images[1].tags: is empty; give semver, match or newest",
        "{ source: a/b, tags: { semver: 'new' } } | images[1].tags.semver: not a version range",
        "{ source: a/b, tags: { match: '(' } } | images[1].tags.match: not a regular expression: '('",
        "{ source: a/b, tags: { newest: 0 } } | images[1].tags.newest: expected a whole number",
        "{ source: a/b, tags: { last: 3 } } | images[1].tags.last: unknown property",
        "{ source: a/b, tags: [v1], target: r.io/x:1 } | images[1].target: has a tag; with tags",
        "{ source: a/b:1, target: x } | images[1].target: 'x' names no registry and repository",
        "{ source: a/b:1, target: 'r.io/x@DIGEST' } | images[1].target: a target is named by tag",
        "{ source: 'a/b@DIGEST', target: r.io/x } | images[1].source: is given by digest; say",
        "{ source: a/b:1, platforms: [linux/amd64] } | images[1].platforms: asks for less than"
            + " linux/amd64, linux/arm64; say why in reason:",
        "{ source: a/b:1, platforms: [linux/amd64], reason: ' ' } | images[1].reason: is empty",
        "{ source: a/b:1, platforms: [linux/amd64], reason: } | images[1].reason: is empty",
        "{ source: a/b:1, platforms: [] } | images[1].platforms: is empty; for a chart",
        "{ artifact: a/b:1, platforms: [linux/amd64] } | images[1].platforms: an artifact has no"
            + " platforms",
        "{ artifact: a/b:1, reason: x } | images[1].reason: an artifact needs no waiver",
        "{ assemble: { linux/amd64: a/b:1 }, target: r.io/x:1 } | images[1].assemble: has no part"
            + " for linux/arm64",
        "{ assemble: {}, target: r.io/x:1 } | images[1].assemble: needs at least one platform",
        "{ assemble: { linux/amd64: a/b:1 } } | images[1].assemble: needs a target with a tag",
        "{ assemble: { linux/amd64: a/b:1 }, target: r.io/x } | images[1].target: needs a tag",
        "{ assemble: { amd64: a/b:1 }, target: r.io/x:1 } | images[1].assemble.amd64: not a platform",
        "{ assemble: { linux/amd64: a/b:1, linux/x86_64: a/b:2 }, target: r.io/x:1 } |"
            + " images[1].assemble['linux/x86_64']: is linux/amd64, which is there",
        "{ assemble: { linux/amd64: r.io/m/b:1 }, target: r.io/m/x:1 } |"
            + " images[1].assemble['linux/amd64']: lies inside the target r.io/m",
        "{ assemble: { linux/amd64: a:1 }, target: r.io/x:1, tags: [a] } | images[1].tags: assemble"
            + " names its tags itself",
      })
  void wrongImage_isRefusedWithLineAndProperty(String image, String expected) {
    refused(
        "target: r.io/m\nimages:\n  - busybox\n  - " + (image == null ? "" : image) + "\n",
        "4: " + expected);
  }

  @Test
  void twoFilters_withOneTargetFromTwoSources_areRefused() {
    refused(
        """
        target: r.io/m
        images:
          - { source: a.io/x/y, tags: { newest: 1 } }
          - { source: b.io/x/y, tags: { newest: 1 } }
        """,
        "4: images[1].source: ends at the same target r.io/m/x-y as the entry at "
            + directory.resolve("mirror.yaml")
            + ":3");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "target: r.io/m | 1: images: is missing",
        "target: r.io/m\\nimages: [] | 2: images: is empty; nothing to mirror",
        "target: r.io/m\\nimages: busybox | 2: images: expected a list, found other text",
        "images: [busybox] | 1: images[0]: has no target; give target: here or at the top",
        "images: [{ source: a/b:1, as: x }] | 1: images[0].as: is a name under target:",
        "target: mirror\\nimages: [busybox] | 1: target: 'mirror' names no registry",
        "target: r.io/m:1\\nimages: [busybox] | 1: target: expected a repository without tag",
        "target: [a]\\nimages: [busybox] | 1: target: expected text, found a list",
        "- busybox | 1: expected a mapping with target",
        " | 1: images: is missing",
      })
  void wrongFile_isRefused(String text, String expected) {
    refused(text == null ? "" : text.replace("\\n", "\n"), expected);
  }

  @Test
  void severalMistakes_areReportedTogether() {
    assertThatThrownBy(
            () ->
                load(
                    """
                    target: r.io/m
                    naming: odd
                    images:
                      - source: a/b:1
                        as: x:1
                      - artifact: a/c:1
                        platforms: [linux/amd64]
                      - x y
                    """))
        .isInstanceOfSatisfying(
            ConfigException.class,
            e ->
                assertThat(e.problems().stream().map(Problem::line).toList())
                    .containsExactly(2, 5, 7, 8));
  }

  @Test
  void variableInAComment_isNotLookedAt() throws Exception {
    assertThat(copies("# ${NOT_SET}\ntarget: r.io/m # ${NOR_THIS}\nimages: ['${IMAGE:-redis:7}']"))
        .containsExactly("docker.io/library/redis:7 -> r.io/m/redis:7");
  }

  private void refused(String text, String expected) {
    assertThatThrownBy(() -> load(text))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining(directory.resolve("mirror.yaml") + ":" + expected);
  }

  private MirrorSettings load(String text) throws Exception {
    Path file = directory.resolve("mirror.yaml");
    Files.writeString(file, text.replace("DIGEST", DIGEST));
    return MirrorSpecReader.load(
        new SpecLoader(Map.of("USER_NAME", "somebody", "TOKEN", "s3cret")::get), file);
  }

  private List<MirrorEntry> entries(String text) throws Exception {
    return load(text).spec().entries();
  }

  private List<String> copies(String text) throws Exception {
    return entries(text).stream()
        .map(ImageCopy.class::cast)
        .map(copy -> copy.source() + " -> " + copy.target())
        .toList();
  }

  private static ImageReference ref(String text) {
    return ImageReference.parse(text);
  }
}
