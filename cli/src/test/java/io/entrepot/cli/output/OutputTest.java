package io.entrepot.cli.output;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.lock.LockFile;
import io.entrepot.mirror.CopyPolicy;
import io.entrepot.mirror.ImageResult;
import io.entrepot.mirror.ImageResult.Bytes;
import io.entrepot.mirror.ImageResult.Outcome;
import io.entrepot.mirror.MirrorListener;
import io.entrepot.mirror.MirrorPlan;
import io.entrepot.mirror.MirrorReport;
import io.entrepot.mirror.MirrorReport.Pulls;
import io.entrepot.mirror.PlannedImage;
import io.entrepot.mirror.PlannedImage.Cost;
import io.entrepot.mirror.PlannedImage.Verdict;
import io.entrepot.mirror.PolicyFindings;
import io.entrepot.mirror.SourceFindings;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.MediaType;
import io.entrepot.oci.Platform;
import io.entrepot.oci.RegistryName;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class OutputTest {

  private static final Digest D1 = Digest.parse("sha256:" + "1".repeat(64));
  private static final Digest D2 = Digest.parse("sha256:" + "2".repeat(64));
  private static final List<Platform> AMD64 = List.of(Platform.parse("linux/amd64"));

  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final Console console =
      new Console(
          new PrintStream(new ByteArrayOutputStream(), true, UTF_8),
          new PrintStream(err, true, UTF_8),
          false);

  @Test
  void mirrorReport_hasTheShapeOfTheContract() {
    JsonNode json = JsonMapper.shared().readTree(Json.document(ReportOutput.json(report())));

    assertThat(json.at("/images/0"))
        .isEqualTo(
            JsonMapper.shared()
                .readTree(
                    """
                    {"source":"docker.io/a/b:1","target":"r.io/m/b:1","outcome":"copied",
                     "digest":"%s","drift":null,"sourceDigest":null,"former":null,"platforms":["linux/amd64"],
                     "bytes":{"copied":2048,"mounted":10,"skipped":0},
                     "error":null,"remedy":null,"notes":[]}
                    """
                        .formatted(D1)));
    assertThat(json.at("/images/1/outcome").asString()).isEqualTo("failed");
    assertThat(json.at("/images/1/error").asString()).startsWith("50% | gone");
    assertThat(json.at("/requests/r.io/GET manifest").asLong()).isEqualTo(3);
    assertThat(json.at("/pulls/docker.io"))
        .isEqualTo(
            JsonMapper.shared()
                .readTree("{\"spent\":2,\"remainingBefore\":90,\"remainingAfter\":88}"));
  }

  @Test
  void githubAnnotations_areEscapedAndNameTheEntry() {
    assertThat(GithubActions.annotations(report(), List.of("mirror.yaml:3", "a,b/mirror.yaml:4")))
        .containsExactly(
            "::error file=a%2Cb/mirror.yaml,line=4,title=failed docker.io/a/c%3A1::50%25 | gone"
                + "%0A::warning::x%0A       try again");
  }

  @Test
  void githubSummary_isATableThatNothingEscapes() {
    assertThat(GithubActions.markdown(report()))
        .contains(
            "| copied | `docker.io/a/b:1` | `r.io/m/b:1` | `sha256:111111111111` | linux/amd64 |"
                + " 2.0 KiB |  |\n")
        .contains("50% \\| gone<br>::warning::x")
        .contains("2 images: 1 copied, 1 failed");
  }

  @ParameterizedTest
  @CsvSource({"0, 0 B", "1023, 1023 B", "1024, 1.0 KiB", "1048575, 1.0 MiB", "123456789, 118 MiB"})
  void bytes_forPeople(long bytes, String expected) {
    assertThat(Amounts.bytes(bytes)).isEqualTo(expected);
  }

  @Test
  void time_forPeople() {
    assertThat(Amounts.time(Duration.ofSeconds(9))).isEqualTo("0:09");
    assertThat(Amounts.time(Duration.ofSeconds(3723))).isEqualTo("1:02:03");
  }

  @Test
  void plan_explainsItself() {
    MirrorPlan plan =
        new MirrorPlan(
            List.of(
                planned(0, Verdict.COPY, D2, "", new Cost(5_000_000, true, 3, true)),
                planned(1, Verdict.UNCHANGED, D1, "", Cost.NONE),
                planned(2, Verdict.REFUSE, null, "no manifest list: linux/amd64 only", Cost.NONE)),
            new TreeMap<>(Map.of(RegistryName.DOCKER_HUB, new MirrorPlan.Quota(10, 2, 3))),
            LockFile.empty(),
            Set.of());

    assertThat(String.join("\n", PlanOutput.lines(plan, true)))
        .contains("copy       docker.io/a/i0:1\n        to r.io/m/i0:1")
        .contains("must have linux/amd64 (waived: cloud only)")
        .contains("moves from " + D2 + " to " + D1 + " (the former stays as 1_222222222222)")
        .contains("4.8 MiB, 3 counted pulls")
        .contains("no manifest list: linux/amd64 only")
        .contains("3 images: 1 unchanged, 1 copy, 1 refused; 4.8 MiB to transfer, 3 counted pulls")
        .contains("docker.io: 3 counted pulls planned, 10 left in the quota, 2 of them kept");
    assertThat(PlanOutput.changes(plan)).hasSize(4);
    assertThat(
            JsonMapper.shared()
                .readTree(Json.document(PlanOutput.json(plan)))
                .at("/images/0/action")
                .asString())
        .isEqualTo("copy");
  }

  @Test
  void board_oneLineForEachActiveImage_cutToTheWidth() {
    AtomicLong clock = new AtomicLong();
    ProgressBoard board = new ProgressBoard(console, clock::get);
    assertThat(board.frame(80)).containsExactly("planning");
    board.images(3);
    MirrorListener listener = board.listener();
    PlannedImage image = planned(0, Verdict.COPY, null, "", Cost.NONE);
    listener.started(image);
    listener.phase(image, MirrorListener.Phase.COPYING);
    listener.expected(image, 10 << 20);
    listener.transferred(image, 2 << 20);
    clock.set(Duration.ofSeconds(1).toNanos());

    assertThat(board.frame(120))
        .containsExactly(
            "  docker.io/a/i0:1  copying  2.0 MiB of 10.0 MiB  2.0 MiB/s  0:04 left",
            "0/3 images  2.0 MiB of 10.0 MiB  2.0 MiB/s  0:04 left");
    for (int width = 1; width < 120; width++) {
      int columns = width;
      assertThat(board.frame(width)).allMatch(line -> line.length() < Math.max(columns, 1));
    }

    listener.finished(image, report().images().getFirst());
    assertThat(board.frame(120)).singleElement().asString().startsWith("1/3 images");
    assertThat(err.toString(UTF_8))
        .isEqualTo("copied     docker.io/a/b:1 -> r.io/m/b:1  (2.0 KiB copied, 10 B mounted)\n");
  }

  @Test
  void controlCharactersFromARegistry_doNotReachTheTerminal() {
    console.error("bad \u001B[2J tag\u0007\u202E");
    assertThat(err.toString(UTF_8)).isEqualTo("error: bad \uFFFD[2J tag\uFFFD\uFFFD\n");
  }

  @Test
  void noColor_isObeyed() {
    assertThat(new Terminal(true, false, Map.of()).colours()).isTrue();
    assertThat(new Terminal(true, false, Map.of("NO_COLOR", "1")).colours()).isFalse();
    assertThat(new Terminal(false, false, Map.of()).colours()).isFalse();
    assertThat(new Terminal(false, false, Map.of("CLICOLOR_FORCE", "1")).colours()).isTrue();
    assertThat(new Terminal(false, false, Map.of("CLICOLOR_FORCE", "0")).colours()).isFalse();
    assertThat(new Terminal(true, false, Map.of("NO_COLOR", "1")).colours(ColorChoice.ALWAYS))
        .isTrue();
    assertThat(new Terminal(true, false, Map.of()).colours(ColorChoice.NEVER)).isFalse();
  }

  private static PlannedImage planned(
      int number, Verdict verdict, @Nullable Digest former, String reason, Cost cost) {
    ImageReference source = ImageReference.parse("docker.io/a/i%d:1".formatted(number));
    return new PlannedImage(
        number,
        "mirror.yaml:" + number,
        new PlannedImage.Pinned(source, Descriptor.of(MediaType.OCI_INDEX, D1, 100)),
        source,
        ImageReference.parse("r.io/m/i%d:1".formatted(number)),
        new CopyPolicy(AMD64, false, true, true, "cloud only"),
        former,
        null,
        verdict,
        reason,
        null,
        List.of(),
        cost,
        SourceFindings.NONE);
  }

  private static MirrorReport report() {
    ImageResult copied =
        new ImageResult(
            ImageReference.parse("a/b:1"),
            ImageReference.parse("r.io/m/b:1"),
            Outcome.COPIED,
            D1,
            null,
            AMD64,
            new Bytes(2048, 10, 0),
            null,
            null,
            List.of(),
            PolicyFindings.NONE,
            null,
            null);
    ImageResult failed =
        new ImageResult(
            ImageReference.parse("a/c:1"),
            ImageReference.parse("r.io/m/c:1"),
            Outcome.FAILED,
            null,
            null,
            List.of(),
            Bytes.NONE,
            "50% | gone\n::warning::x",
            "try again",
            List.of(),
            PolicyFindings.NONE,
            null,
            null);
    return new MirrorReport(
        List.of(copied, failed),
        new TreeMap<>(Map.of("r.io", new TreeMap<>(Map.of("GET manifest", 3L)))),
        new TreeMap<>(Map.of(RegistryName.DOCKER_HUB, new Pulls(2, 90, 88))),
        LockFile.empty());
  }
}
