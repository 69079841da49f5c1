package io.entrepot.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.Digest;
import io.entrepot.testing.TestImage;
import io.entrepot.testing.TestImages;
import io.entrepot.tests.Entrepot.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** From a mirror's lock to pinned files, with the whole program. */
class PinEndToEndTest extends TwoRegistries {

  @Test
  void mirrorThenPin_everyShapeIsOursByDigestAndASecondRunChangesNothing() throws Exception {
    Digest app = SampleImage.twoPlatforms(source, "acme/app", "1.2.0");
    Digest redis = SampleImage.twoPlatforms(source, "acme/redis", "7.2");
    Digest web = SampleImage.twoPlatforms(source, "acme/web", "main");
    TestImage chart = TestImages.helmChart("gateway", "1.5.4");
    chart.push(source, "charts/gateway", "1.5.4");
    entrepot.write(
        "mirror.yaml",
        """
        target: %2$s/mirror
        platforms: [linux/amd64, linux/arm64]
        images:
          - %1$s/acme/app:1.2.0
          - %1$s/acme/redis:7.2
          - %1$s/acme/web:main
          - artifact: %1$s/charts/gateway:1.5.4
        """
            .formatted(source.name(), target.name()));
    Files.createDirectory(folder.resolve("deploy"));
    for (String name : new String[] {"values", "release", "kustomization", "web"}) {
      entrepot.write("deploy/" + name + ".yaml", unpinned(name));
    }
    assertThat(entrepot.run("mirror", "-c", "mirror.yaml").exit()).isZero();
    source.clear();
    target.clear();
    assertThat(entrepot.run("pin", "deploy", "--check").exit()).isEqualTo(3);

    Outcome pinned = entrepot.run("pin", "deploy");

    assertThat(pinned.exit()).as(pinned.all()).isZero();
    assertThat(source.requests()).isEmpty();
    assertThat(target.requests()).isEmpty();
    String ours = target.name() + "/mirror/";
    assertThat(entrepot.read("deploy/values.yaml"))
        .isEqualTo(
            """
            # What the charts get.
            app:
              image:   # ours
                registry: "%1$s"
                repository: mirror/acme-app
                tag: '1.2.0'
                digest: "%2$s"
            redis:
              image: {repository: %3$sacme-redis, tag: "7.2@%4$s"}  # one line
            """
                .formatted(target.name(), app, ours, redis));
    assertThat(entrepot.read("deploy/release.yaml"))
        .contains("    repoURL: oci://%scharts-gateway\n".formatted(ours))
        .contains("          image: %sacme-app:1.2.0@%s  # kept\n".formatted(ours, app));
    assertThat(entrepot.read("deploy/kustomization.yaml"))
        .contains("  newName: %sacme-redis\n  digest: \"%s\"\n".formatted(ours, redis))
        .doesNotContain("newTag");
    assertThat(entrepot.read("deploy/web.yaml"))
        .isEqualTo("web:\n  image:\n    ref: %sacme-web@%s".formatted(ours, web));
    assertThat(target.digestOf("mirror/charts-gateway", "1.5.4")).isEqualTo(chart.digest());

    SortedMap<String, String> before = contents("deploy");
    assertThat(entrepot.run("pin", "deploy", "--check").exit()).isZero();
    assertThat(entrepot.run("pin", "deploy").exit()).isZero();
    assertThat(contents("deploy")).isEqualTo(before);
  }

  private String unpinned(String name) {
    String text =
        switch (name) {
          case "values" ->
              """
              # What the charts get.
              app:
                image:   # ours
                  registry: "%1$s"
                  repository: acme/app
                  tag: '1.2.0'
                  digest: ""
              redis:
                image: {repository: %1$s/acme/redis, tag: "7.2"}  # one line
              """;
          case "release" ->
              """
              apiVersion: argoproj.io/v1alpha1
              kind: Application
              metadata: {name: gateway}
              spec:
                source:
                  repoURL: oci://%1$s/charts/gateway
                  targetRevision: 1.5.4
                  path: .
                  helm:
                    values: |
                      sidecar:
                        image: %1$s/acme/app:1.2.0  # kept
              """;
          case "kustomization" ->
              """
              kind: Kustomization
              images:
              - name: redis
                newName: %1$s/acme/redis
                newTag: "7.2"
              """;
          default -> "web:\n  image:\n    ref: %1$s/acme/web:main";
        };
    return text.formatted(source.name());
  }

  @Test
  void pinnedTag_thatMovedAtItsSource_isRewrittenAfterTheNextMirror() throws Exception {
    SampleImage.twoPlatforms(source, "acme/app", "1.2.0");
    entrepot.write(
        "mirror.yaml",
        "target: %s/mirror\nplatforms: [linux/amd64]\nimages: [\"%s/acme/app:1.2.0\"]\n"
            .formatted(target.name(), source.name()));
    entrepot.write("app.yaml", "image: %s/acme/app:1.2.0\n".formatted(source.name()));
    assertThat(entrepot.run("mirror", "-c", "mirror.yaml").exit()).isZero();
    assertThat(entrepot.run("pin", "app.yaml").exit()).isZero();
    Digest moved =
        SampleImage.list(source, "acme/app", "1.2.0", SampleImage.of("acme/rebuilt", "amd64"));
    assertThat(entrepot.run("mirror", "-c", "mirror.yaml").exit()).isZero();

    Outcome outcome = entrepot.run("pin", "app.yaml");

    assertThat(outcome.exit()).as(outcome.all()).isZero();
    assertThat(outcome.out()).contains("the lock moved on from sha256:");
    assertThat(entrepot.read("app.yaml"))
        .isEqualTo("image: %s/mirror/acme-app:1.2.0@%s\n".formatted(target.name(), moved));
  }

  @Test
  void resolve_oneHeadForEachImageAndNoLockNeeded() throws Exception {
    Digest app = SampleImage.twoPlatforms(source, "acme/app", "1");
    Digest web = SampleImage.twoPlatforms(source, "acme/web", "main");
    String host = source.name().value();
    entrepot.write(
        "a.yaml",
        "image: %1$s/acme/app:1\nb: {image: \"%1$s/acme/app:1\"}\nc:\n  image:\n    ref: %1$s/acme/web:main\n"
            .formatted(host));
    entrepot.write("b.yaml", "image: %1$s/acme/app:1\n".formatted(host));

    Outcome outcome = entrepot.run("pin", "a.yaml", "b.yaml", "--resolve");

    assertThat(outcome.exit()).as(outcome.all()).isZero();
    assertThat(source.counts()).isEqualTo(Map.of("HEAD manifest", 2));
    assertThat(entrepot.read("a.yaml"))
        .isEqualTo(
            "image: %1$s/acme/app:1@%2$s\nb: {image: \"%1$s/acme/app:1@%2$s\"}\nc:\n  image:\n    ref: %1$s/acme/web@%3$s\n"
                .formatted(host, app, web));
    assertThat(entrepot.run("pin", "a.yaml", "b.yaml", "--resolve", "--check").exit()).isZero();
  }

  @Test
  void resolve_missingTag_isNamedAndTheOthersArePinned() throws Exception {
    Digest app = SampleImage.twoPlatforms(source, "acme/app", "1");
    String host = source.name().value();
    entrepot.write(
        "a.yaml",
        "a: {image: \"%1$s/acme/app:1\"}\nb: {image: \"%1$s/acme/app:2\"}\n".formatted(host));

    Outcome outcome = entrepot.run("pin", "a.yaml", "--resolve");

    assertThat(outcome.exit()).as(outcome.all()).isEqualTo(1);
    assertThat(outcome.out()).contains("a.yaml:2", host + "/acme/app:2 does not exist");
    assertThat(entrepot.read("a.yaml"))
        .isEqualTo(
            "a: {image: \"%1$s/acme/app:1@%2$s\"}\nb: {image: \"%1$s/acme/app:2\"}\n"
                .formatted(host, app));
  }

  @Test
  void bump_asksEachRepositoryOnceAndNamesTheOneWithoutTheTag() throws Exception {
    Digest a = SampleImage.twoPlatforms(source, "acme/a", "main");
    SampleImage.twoPlatforms(source, "acme/b", "1.0");
    SampleImage.twoPlatforms(source, "other/c", "main");
    String host = source.name().value();
    String old = "sha256:" + "0".repeat(64);
    entrepot.write(
        "v.yaml",
        """
        a: {image: {ref: "%1$s/acme/a@%2$s"}}
        again: {image: {ref: "%1$s/acme/a:main"}}
        b: {image: {ref: "%1$s/acme/b@%2$s"}}
        c: {image: {ref: "%1$s/other/c@%2$s"}}
        """
            .formatted(host, old));

    Outcome outcome =
        entrepot.run("bump", "v.yaml", "--channel", "main", "--match", host + "/acme/*");

    assertThat(outcome.exit()).as(outcome.all()).isEqualTo(1);
    assertThat(outcome.out()).contains(host + "/acme/b has no tag 'main'");
    assertThat(entrepot.read("v.yaml"))
        .isEqualTo(
            """
            a: {image: {ref: "%1$s/acme/a@%3$s"}}
            again: {image: {ref: "%1$s/acme/a@%3$s"}}
            b: {image: {ref: "%1$s/acme/b@%2$s"}}
            c: {image: {ref: "%1$s/other/c@%2$s"}}
            """
                .formatted(host, old, a));
    assertThat(source.count("HEAD manifest")).isEqualTo(2);
    // The list and what its two platforms need to be proved, once.
    assertThat(source.count("GET manifest")).isEqualTo(3);
    assertThat(source.requests()).noneMatch(request -> request.toString().contains("other/c"));
  }

  @Test
  void bump_toAListWithoutArm64_isRefusedAndNamesThePlatform() throws Exception {
    SampleImage.list(source, "acme/a", "main", SampleImage.of("acme/a", "amd64"));
    String line = "image: {ref: \"%s/acme/a:main\"}\n".formatted(source.name());
    entrepot.write("v.yaml", line);

    Outcome outcome =
        entrepot.run("bump", "v.yaml", "--channel", "main", "--match", source.name() + "/acme/*");

    assertThat(outcome.exit()).as(outcome.all()).isEqualTo(1);
    assertThat(outcome.out()).contains("linux/arm64");
    assertThat(entrepot.read("v.yaml")).isEqualTo(line);
    assertThat(
            entrepot
                .run(
                    "bump",
                    "v.yaml",
                    "--channel=main",
                    "--match=" + source.name() + "/acme/*",
                    "--platform=linux/amd64")
                .exit())
        .isZero();
  }

  private SortedMap<String, String> contents(String directory) throws IOException {
    SortedMap<String, String> contents = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder.resolve(directory))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        contents.put(file.toString(), Files.readString(file));
      }
    }
    return contents;
  }
}
