package io.entrepot.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.Digest;
import io.entrepot.oci.Tag;
import io.entrepot.tests.Entrepot.Outcome;
import java.nio.file.Files;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The whole program between two registries, by the contract a user relies on. */
class MirrorEndToEndTest extends TwoRegistries {

  @Test
  void firstRun_copiesEverythingAndWritesTheLock() throws Exception {
    Digest digest = SampleImage.twoPlatforms(source, "acme/tool", "1.0");
    mirrorFile("referrers: false", "  - " + source.name() + "/acme/tool:1.0");

    Outcome outcome = entrepot.run("mirror", "-c", "mirror.yaml", "--report", "report.json");

    assertThat(outcome.exit()).as(outcome.all()).isZero();
    assertThat(target.digestOf("mirror/acme-tool", "1.0")).isEqualTo(digest);
    assertThat(target.manifest("mirror/acme-tool", "1.0").bytes())
        .isEqualTo(source.manifest("acme/tool", "1.0").bytes());
    assertThat(entrepot.read("images.lock.yaml"))
        .contains("  " + source.name() + "/acme/tool:1.0:\n    digest: " + digest + "\n")
        .contains("    target: " + target.name() + "/mirror/acme-tool:1.0\n")
        .contains("    platforms: [linux/amd64, linux/arm64]\n");
    JsonNode image = JsonMapper.shared().readTree(entrepot.read("report.json")).at("/images/0");
    assertThat(image.path("outcome").asString()).isEqualTo("copied");
    assertThat(image.path("digest").asString()).isEqualTo(digest.toString());
    assertThat(image.at("/bytes/copied").asLong()).isPositive();
  }

  @Test
  void secondRun_oneHeadAtTheSourceAndOneAtTheTarget() throws Exception {
    StringBuilder images = new StringBuilder();
    IntStream.range(0, 5)
        .forEach(
            i -> {
              SampleImage.twoPlatforms(source, "acme/tool" + i, "1.0");
              images.append("  - ").append(source.name()).append("/acme/tool" + i + ":1.0\n");
            });
    mirrorFile("referrers: false", images.toString());
    assertThat(entrepot.run("mirror", "-c", "mirror.yaml").exit()).isZero();
    String lock = entrepot.read("images.lock.yaml");
    source.clear();
    target.clear();

    Outcome outcome = entrepot.run("mirror", "-c", "mirror.yaml");

    assertThat(outcome.exit()).as(outcome.all()).isZero();
    assertThat(source.counts()).isEqualTo(Map.of("HEAD manifest", 5));
    assertThat(target.counts()).isEqualTo(Map.of("HEAD manifest", 5));
    assertThat(entrepot.read("images.lock.yaml")).isEqualTo(lock);
  }

  @Test
  void secondRun_withReferrers_atMostThreeMoreAndNoManifestGetAtTheSource() throws Exception {
    source.referrersApi(false);
    target.referrersApi(false);
    StringBuilder images = new StringBuilder();
    IntStream.range(0, 5)
        .forEach(
            i -> {
              SampleImage.twoPlatforms(source, "acme/tool" + i, "1.0");
              images.append("  - ").append(source.name()).append("/acme/tool" + i + ":1.0\n");
            });
    mirrorFile("referrers: true", images.toString());
    assertThat(entrepot.run("mirror", "-c", "mirror.yaml").exit()).isZero();
    source.clear();
    target.clear();

    Outcome outcome = entrepot.run("mirror", "-c", "mirror.yaml");

    assertThat(outcome.exit()).as(outcome.all()).isZero();
    assertThat(source.requests("GET manifest")).isEmpty();
    assertThat(source.requests().size() + target.requests().size()).isLessThanOrEqualTo(5 * 5 + 2);
  }

  @Test
  void sharedLayers_areReadOnceFromTheSource() throws Exception {
    SampleImage.twoPlatforms(source, "acme/a", "1");
    SampleImage.twoPlatforms(source, "acme/b", "1");
    mirrorFile(
        "referrers: false",
        "  - %s/acme/a:1\n  - %s/acme/b:1".formatted(source.name(), source.name()));

    Outcome outcome = entrepot.run("mirror", "-c", "mirror.yaml");

    assertThat(outcome.exit()).as(outcome.all()).isZero();
    long distinct =
        source.requests("GET blob").stream()
            .map(request -> request.path().substring(request.path().lastIndexOf('/')))
            .distinct()
            .count();
    assertThat(source.count("GET blob")).isEqualTo((int) distinct);
  }

  @Test
  void dryRun_changesNothingAndExplains() throws Exception {
    SampleImage.twoPlatforms(source, "acme/tool", "1.0");
    mirrorFile("referrers: false", "  - " + source.name() + "/acme/tool:1.0");

    Outcome outcome = entrepot.run("mirror", "-c", "mirror.yaml", "--dry-run");

    assertThat(outcome.exit()).as(outcome.all()).isZero();
    assertThat(outcome.out()).contains("/acme/tool:1.0").contains("/mirror/acme-tool:1.0");
    assertThat(target.repositories()).isEmpty();
    assertThat(Files.exists(folder.resolve("images.lock.yaml"))).isFalse();
  }

  @Test
  void check_tagHasMoved_exitThreeWithBothDigests() throws Exception {
    Digest before = SampleImage.twoPlatforms(source, "acme/tool", "latest");
    mirrorFile("referrers: false", "  - " + source.name() + "/acme/tool:latest");
    assertThat(entrepot.run("mirror", "-c", "mirror.yaml").exit()).isZero();
    assertThat(entrepot.run("mirror", "-c", "mirror.yaml", "--check").exit()).isZero();
    Digest after =
        SampleImage.list(
            source,
            "acme/tool",
            "latest",
            SampleImage.of("acme/rebuilt", "amd64"),
            SampleImage.of("acme/tool", "arm64"));

    Outcome outcome = entrepot.run("mirror", "-c", "mirror.yaml", "--check");

    assertThat(outcome.exit()).as(outcome.all()).isEqualTo(3);
    assertThat(outcome.out() + outcome.err()).contains(before.shortHex(12), after.shortHex(12));
    assertThat(target.digestOf("mirror/acme-tool", "latest")).isEqualTo(before);
  }

  @Test
  void movedTag_formerDigestStaysReachable() throws Exception {
    Digest before = SampleImage.twoPlatforms(source, "acme/tool", "latest");
    mirrorFile("referrers: false", "  - " + source.name() + "/acme/tool:latest");
    assertThat(entrepot.run("mirror", "-c", "mirror.yaml").exit()).isZero();
    Digest after =
        SampleImage.list(
            source,
            "acme/tool",
            "latest",
            SampleImage.of("acme/rebuilt", "amd64"),
            SampleImage.of("acme/tool", "arm64"));

    Outcome outcome = entrepot.run("mirror", "-c", "mirror.yaml");

    assertThat(outcome.exit()).as(outcome.all()).isZero();
    assertThat(target.digestOf("mirror/acme-tool", "latest")).isEqualTo(after);
    assertThat(target.digestOf("mirror/acme-tool", "latest_" + before.shortHex(12)))
        .isEqualTo(before);
  }

  @Test
  void singleManifestWhereAListIsRequired_isRefused() throws Exception {
    SampleImage.of("acme/tool", "amd64").push(source, "acme/tool", "1");
    mirrorFile("referrers: false", "  - " + source.name() + "/acme/tool:1");

    Outcome outcome = entrepot.run("mirror", "-c", "mirror.yaml");

    assertThat(outcome.exit()).as(outcome.all()).isEqualTo(1);
    assertThat(outcome.all()).contains("no manifest list: linux/amd64 only");
    assertThat(target.tags("mirror/acme-tool")).isEmpty();
  }

  @Test
  void missingPlatform_isRefusedAndTheTagStays() throws Exception {
    Digest before = SampleImage.twoPlatforms(source, "acme/tool", "1");
    mirrorFile("referrers: false", "  - " + source.name() + "/acme/tool:1");
    assertThat(entrepot.run("mirror", "-c", "mirror.yaml").exit()).isZero();
    SampleImage.list(source, "acme/tool", "1", SampleImage.of("acme/tool", "amd64"));

    Outcome outcome = entrepot.run("mirror", "-c", "mirror.yaml");

    assertThat(outcome.exit()).as(outcome.all()).isEqualTo(1);
    assertThat(outcome.all()).contains("linux/arm64");
    assertThat(target.digestOf("mirror/acme-tool", "1")).isEqualTo(before);
  }

  @Test
  void configurationDeniesThePlatform_isRefused() throws Exception {
    SampleImage.list(
        source,
        "acme/tool",
        "1",
        SampleImage.of("acme/tool", "amd64"),
        SampleImage.of("acme/tool", "amd64").listedAs("linux/arm64"));
    mirrorFile("referrers: false", "  - " + source.name() + "/acme/tool:1");

    Outcome outcome = entrepot.run("mirror", "-c", "mirror.yaml");

    assertThat(outcome.exit()).as(outcome.all()).isEqualTo(1);
    assertThat(target.tags("mirror/acme-tool")).isEmpty();
  }

  @Test
  void waiver_needsAReasonAndThenCopies() throws Exception {
    SampleImage.of("acme/tool", "amd64").push(source, "acme/tool", "1");
    String entry =
        "  - source: %s/acme/tool:1\n    platforms: [linux/amd64]\n".formatted(source.name());
    mirrorFile("referrers: false", entry);
    Outcome refused = entrepot.run("mirror", "-c", "mirror.yaml");
    assertThat(refused.exit()).as(refused.all()).isEqualTo(2);
    assertThat(refused.err()).contains("mirror.yaml:").contains("reason");

    mirrorFile("referrers: false", entry + "    reason: no arm64 upstream\n");
    Outcome copied = entrepot.run("mirror", "-c", "mirror.yaml");

    assertThat(copied.exit()).as(copied.all()).isZero();
    assertThat(target.tags("mirror/acme-tool")).containsExactly("1");
  }

  @Test
  void oneImageFails_theOthersAreCopied() throws Exception {
    SampleImage.twoPlatforms(source, "acme/good", "1");
    mirrorFile(
        "referrers: false",
        "  - %s/acme/absent:1\n  - %s/acme/good:1".formatted(source.name(), source.name()));

    Outcome outcome = entrepot.run("mirror", "-c", "mirror.yaml");

    assertThat(outcome.exit()).as(outcome.all()).isEqualTo(1);
    assertThat(outcome.all()).contains("acme/absent:1");
    assertThat(target.tags("mirror/acme-good")).containsExactly("1");
  }

  @Test
  void incompleteTarget_withoutALock_isHealed() throws Exception {
    SampleImage.twoPlatforms(source, "acme/tool", "1");
    mirrorFile("referrers: false", "  - " + source.name() + "/acme/tool:1");
    assertThat(entrepot.run("mirror", "-c", "mirror.yaml").exit()).isZero();
    Files.delete(folder.resolve("images.lock.yaml"));
    Digest child = child("acme/tool", "1", 1);
    target.removeManifest("mirror/acme-tool", child);

    Outcome outcome = entrepot.run("mirror", "-c", "mirror.yaml");

    assertThat(outcome.exit()).as(outcome.all()).isZero();
    assertThat(target.hasManifest("mirror/acme-tool", child.toString())).isTrue();
  }

  @Test
  void pullBudget_doesWhatFitsAndEndsWithFour_thenGoesOn() throws Exception {
    IntStream.range(0, 4).forEach(i -> SampleImage.twoPlatforms(source, "acme/t" + i, "1"));
    StringBuilder images = new StringBuilder();
    IntStream.range(0, 4)
        .forEach(i -> images.append("  - %s/acme/t%d:1\n".formatted(source.name(), i)));
    mirrorFile("referrers: false", images.toString());
    source.rateLimit(100, 9);

    Outcome first = entrepot.run("mirror", "-c", "mirror.yaml", "--output", "json");

    assertThat(first.exit()).as(first.all()).isEqualTo(4);
    assertThat(first.out()).contains("postponed").contains("copied");
    assertThat(source.remainingPulls()).isNotNegative();
    source.rateLimit(100, 100);
    Outcome second = entrepot.run("mirror", "-c", "mirror.yaml");
    assertThat(second.exit()).as(second.all()).isZero();
    assertThat(target.tags("mirror/acme-t3")).containsExactly("1");
  }

  @Test
  void locked_copiesTheLocksDigestThoughTheTagMoved() throws Exception {
    Digest before = SampleImage.twoPlatforms(source, "acme/tool", "1");
    mirrorFile("referrers: false", "  - " + source.name() + "/acme/tool:1");
    assertThat(entrepot.run("mirror", "-c", "mirror.yaml").exit()).isZero();
    SampleImage.list(
        source,
        "acme/tool",
        "1",
        SampleImage.of("acme/tool", "amd64"),
        SampleImage.of("acme/tool", "arm64"));
    target.removeTag("mirror/acme-tool", "1");
    source.clear();

    Outcome outcome = entrepot.run("mirror", "-c", "mirror.yaml", "--locked");

    assertThat(outcome.exit()).as(outcome.all()).isZero();
    assertThat(target.digestOf("mirror/acme-tool", "1")).isEqualTo(before);
    assertThat(source.requests()).noneMatch(request -> request.path().endsWith("/manifests/1"));
  }

  @Test
  void assemble_sameBytesEachTime() throws Exception {
    SampleImage.of("acme/x", "amd64").push(source, "acme/x", "1-amd64");
    SampleImage.of("acme/y", "arm64").push(source, "acme/y", "1-arm64");
    mirrorFile(
        "referrers: false",
        """
          - assemble:
              linux/arm64: %1$s/acme/y:1-arm64
              linux/amd64: %1$s/acme/x:1-amd64
            target: %2$s/mirror/tool:1
        """
            .formatted(source.name(), target.name()));
    Outcome outcome = entrepot.run("mirror", "-c", "mirror.yaml");
    assertThat(outcome.exit()).as(outcome.all()).isZero();
    Digest first = target.digestOf("mirror/tool", "1");
    target.removeManifest("mirror/tool", first);

    assertThat(entrepot.run("mirror", "-c", "mirror.yaml").exit()).isZero();

    assertThat(target.digestOf("mirror/tool", "1")).isEqualTo(first);
  }

  @Test
  void cosignSignatureTag_travels() throws Exception {
    Digest digest = SampleImage.twoPlatforms(source, "acme/tool", "1");
    String signature = Tag.attachmentOf(digest, "sig").value();
    SampleImage.of("acme/tool", "amd64").push(source, "acme/tool", signature);
    mirrorFile("referrers: true", "  - " + source.name() + "/acme/tool:1");

    Outcome outcome = entrepot.run("mirror", "-c", "mirror.yaml");

    assertThat(outcome.exit()).as(outcome.all()).isZero();
    assertThat(target.tags("mirror/acme-tool")).contains("1", signature);
  }

  @Test
  void twoEntriesWithOneTarget_fileAndLine() throws Exception {
    mirrorFile("referrers: false", "  - docker.io/a/b:1\n  - quay.io/a/b:1");

    Outcome outcome = entrepot.run("mirror", "-c", "mirror.yaml");

    assertThat(outcome.exit()).as(outcome.all()).isEqualTo(2);
    assertThat(outcome.err()).contains("mirror.yaml:6").doesNotContain("\tat ");
  }

  @Test
  void unknownKey_suggestsTheRightOne() throws Exception {
    mirrorFile("platfroms: [linux/amd64]", "  - docker.io/a/b:1");

    Outcome outcome = entrepot.run("mirror", "-c", "mirror.yaml");

    assertThat(outcome.exit()).as(outcome.all()).isEqualTo(2);
    assertThat(outcome.err()).contains("mirror.yaml:3").contains("platforms");
  }

  @Test
  void digestTagsInspectVerify_lookWithoutCopying() throws Exception {
    Digest digest = SampleImage.twoPlatforms(source, "acme/tool", "1.0");
    String image = source.name() + "/acme/tool:1.0";

    assertThat(entrepot.run("digest", image).out().strip()).isEqualTo(digest.toString());
    assertThat(entrepot.run("tags", source.name() + "/acme/tool").out().strip()).isEqualTo("1.0");
    assertThat(entrepot.run("inspect", image).out()).contains("linux/amd64", "linux/arm64");
    Outcome verified =
        entrepot.run("verify", image, "--platform", "linux/arm64", "--output", "json");
    assertThat(verified.exit()).as(verified.all()).isZero();
    assertThat(verified.json().at("/images/0/ok").asBoolean()).isTrue();
    assertThat(entrepot.run("verify", image, "--platform", "linux/s390x").exit()).isEqualTo(1);
  }

  @Test
  void verifyDeep_namesTheBinaryThatWouldEndInExecFormatError() throws Exception {
    SampleImage.list(
        source,
        "acme/tool",
        "1",
        SampleImage.of("acme/tool", "amd64"),
        SampleImage.of("acme/tool", "arm64", "amd64"));
    String image = source.name() + "/acme/tool:1";

    assertThat(entrepot.run("verify", image).exit()).isZero();
    Outcome deep = entrepot.run("verify", image, "--deep");

    assertThat(deep.exit()).as(deep.all()).isEqualTo(1);
    assertThat(deep.all()).contains("/bin/app").contains("amd64").contains("arm64");
  }

  @Test
  void copy_oneImageWithoutAFile() throws Exception {
    Digest digest = SampleImage.twoPlatforms(source, "acme/tool", "1");

    Outcome outcome =
        entrepot.run("copy", source.name() + "/acme/tool:1", target.name() + "/copied/tool:2");

    assertThat(outcome.exit()).as(outcome.all()).isZero();
    assertThat(target.digestOf("copied/tool", "2")).isEqualTo(digest);
  }

  @Test
  void secrets_appearNowhere() throws Exception {
    SampleImage.twoPlatforms(source, "acme/tool", "1");
    source.basicAuth("me", "right");
    source.anonymousPull(false);
    entrepot.write(
        "mirror.yaml",
        """
        target: %2$s/mirror
        registries:
          "%1$s":
            credentials: { username: me, password: "${THE_PASSWORD}" }
        images:
          - %1$s/acme/tool:1
        """
            .formatted(source.name(), target.name()));

    Outcome outcome =
        entrepot
            .with("THE_PASSWORD", "hunter2-wrong")
            .run("mirror", "-c", "mirror.yaml", "--verbose", "--report", "report.json");

    assertThat(outcome.exit()).as(outcome.all()).isEqualTo(1);
    assertThat(outcome.all() + entrepot.read("report.json"))
        .doesNotContain("hunter2")
        .doesNotContain("bWU6aHVudGVyMi13cm9uZw");
  }

  @Test
  void killedRun_leavesNoTagThatIsIncomplete_nextRunFinishes() throws Exception {
    Digest digest = SampleImage.twoPlatforms(source, "acme/tool", "1");
    mirrorFile("referrers: false", "  - " + source.name() + "/acme/tool:1");
    var gate = target.on("PUT upload").after(3).hold();
    Process process = entrepot.start("mirror", "-c", "mirror.yaml");
    target.awaitRequests("PUT upload", 4);
    process.destroyForcibly().waitFor();
    gate.open();
    target.clearFaults();
    assertThat(target.tags("mirror/acme-tool")).isEmpty();

    Outcome outcome = entrepot.run("mirror", "-c", "mirror.yaml");

    assertThat(outcome.exit()).as(outcome.all()).isZero();
    assertThat(target.digestOf("mirror/acme-tool", "1")).isEqualTo(digest);
  }

  @Test
  void wrongUsage_exitTwoWithoutAStackTrace() throws Exception {
    Outcome outcome = entrepot.run("mirorr");

    assertThat(outcome.exit()).isEqualTo(2);
    assertThat(outcome.err()).contains("mirror").doesNotContain("\tat ");
  }

  private void mirrorFile(String more, String images) throws Exception {
    entrepot.write(
        "mirror.yaml",
        "target: "
            + target.name()
            + "/mirror\n"
            + "platforms: [linux/amd64, linux/arm64]\n"
            + more
            + "\nimages:\n"
            + images
            + "\n");
  }

  private Digest child(String repository, String tag, int number) throws Exception {
    return source.manifest(repository, tag).parse().children().get(number).digest();
  }
}
