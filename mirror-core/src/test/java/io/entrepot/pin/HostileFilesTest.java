package io.entrepot.pin;

import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.sites.FloatingTags;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files made to hurt: a clean word about each, no byte changed, and work that ends. */
@Timeout(60)
final class HostileFilesTest {

  @TempDir Path tree;

  private PinPlan plan(byte[] bytes) throws IOException {
    Path file = Files.write(tree.resolve("values.yaml"), bytes);
    PinPlan plan =
        new Pinner(
                PinRules.DEFAULT,
                new LockSource(
                    Locks.of(Map.of("docker.io/acme/app:1", Locks.MIRROR + "/app:1")),
                    FloatingTags.DEFAULT))
            .plan(List.of(tree), List.of());
    PlanWriter.write(plan);
    if (plan.edits().isEmpty()) {
      assertThat(Files.readAllBytes(file)).isEqualTo(bytes);
    }
    return plan;
  }

  private String refusal(byte[] bytes) throws IOException {
    PinPlan plan = plan(bytes);
    assertThat(plan.edits()).isEmpty();
    assertThat(plan.blocked()).isTrue();
    return plan.left().getFirst().reason();
  }

  @ParameterizedTest
  @ValueSource(strings = {"[", "{a: ", "- ", "? ", "a: [", "[{b: "})
  void nestedAHundredThousandDeep_isRefused(String part) throws IOException {
    assertThat(refusal(part.repeat(100_000).getBytes(UTF_8))).contains("not readable as YAML");
  }

  @Test
  void nestedDeeperThanTheLimit_namesTheLimit() throws IOException {
    assertThat(refusal(("[".repeat(300) + "]".repeat(300)).getBytes(UTF_8)))
        .contains("nested deeper than 200 levels");
  }

  @Test
  void aliasesOfAliases_areNotExpanded() throws IOException {
    StringBuilder text = new StringBuilder("a0: &a0 [\"acme/app:1\"]\n");
    for (int i = 1; i < 12; i++) {
      String alias = "*a" + (i - 1);
      text.append(
          "a%d: &a%d [%s]\n".formatted(i, i, String.join(", ", Collections.nCopies(9, alias))));
    }
    assertThat(plan(text.toString().getBytes(UTF_8)).edits()).isEmpty();
  }

  @Test
  void moreAliasesThanTheLimit_isRefused() throws IOException {
    assertThat(refusal(("a: &a x\nb:\n" + "- *a\n".repeat(10_001)).getBytes(UTF_8)))
        .contains("more than 10000 aliases");
  }

  @Test
  void mergesOfMergesAndAnAnchorInItself_end() throws IOException {
    StringBuilder text =
        new StringBuilder("a0: &a0 {x: y}\nself: &s [*s]\nimage: &m {<<: *m, tag: x}\n");
    for (int i = 1; i < 9; i++) {
      String alias = "*a" + (i - 1);
      text.append(
          "a%d: &a%d\n  <<: [%s]\n  repository: x/y\n"
              .formatted(i, i, String.join(", ", Collections.nCopies(30, alias))));
    }
    assertThat(plan(text.toString().getBytes(UTF_8)).edits()).isEmpty();
  }

  @Test
  void tagThatNamesAClass_isNeverLookedAt() throws IOException {
    assertThat(
            plan("a: !!javax.script.ScriptEngineManager [x]\nimage: !x acme/app:1\n"
                    .getBytes(UTF_8))
                .edits())
        .hasSize(1);
    assertThat(Files.readString(tree.resolve("values.yaml")))
        .startsWith("a: !!javax.script.ScriptEngineManager [x]\nimage: !x " + Locks.MIRROR);
  }

  @Test
  void tooLongALineOrAFile_isRefused() throws IOException {
    assertThat(refusal(("image: " + "x".repeat(10_000_000)).getBytes(UTF_8)))
        .contains("a line longer than 1 MiB");
    assertThat(refusal("a: b\n".repeat(3_500_000).getBytes(UTF_8))).contains("larger than 16 MiB");
  }

  @Test
  void whatIsNotUtf8OrNotText_isRefused() throws IOException {
    assertThat(refusal(new byte[] {'a', ':', ' ', (byte) 0xff, '\n'})).contains("not UTF-8");
    assertThat(refusal("image: a:1\n".getBytes(UTF_16))).contains("not UTF-8");
    assertThat(refusal("image: a:1\nb: \0\n".getBytes(UTF_8))).contains("U+0000");
    assertThat(refusal("image: a:1\nimage: a:2\n".getBytes(UTF_8))).contains("stands twice");
  }

  @Test
  void hugeScalarsAndKeys_areNoImages() throws IOException {
    String word = "-image".repeat(20_000);
    assertThat(
            plan(("args: [\"" + word + "\"]\nimage: " + word + "\n" + word + ": x\n")
                    .getBytes(UTF_8))
                .edits())
        .isEmpty();
  }

  @Test
  void fortyThousandSitesInOneMap_areFoundOnceEach() throws IOException {
    String text =
        IntStream.range(0, 40_000)
            .mapToObj(i -> "k" + i + "Image: acme/app:1\n")
            .collect(Collectors.joining());
    assertThat(plan(text.getBytes(UTF_8)).edits()).hasSize(40_000);
  }

  @Test
  void tenThousandSitesInOneBlock_areFoundOnceEach() throws IOException {
    String text = "data:\n  x: |\n" + "    A_IMAGE=acme/app:1\n".repeat(10_000);
    assertThat(plan(text.getBytes(UTF_8)).edits()).hasSize(10_000);
  }

  @Test
  void fortyThousandSitesInOneBlockOfCarriageReturns_areFoundOnceEach() throws IOException {
    String text = "data:\r\n  x: |\r\n" + "    A_IMAGE=acme/app:1\r\n".repeat(40_000);
    PinPlan plan = plan(text.getBytes(UTF_8));
    assertThat(plan.edits()).hasSize(40_000);
    assertThat(plan.edits().getLast().line()).isEqualTo(40_002);
    assertThat(Files.readString(tree.resolve("values.yaml")).lines())
        .filteredOn(line -> line.startsWith("    A_IMAGE=" + Locks.MIRROR + "/app:1@sha256:"))
        .hasSize(40_000);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "args: ['--%s']|image",
        "args:\n- |\n    --%s|image",
        "x: |\n  b=1\n  A_IMAGE=%s|a.",
        "image: %s|<a",
        "image: {registry: '%sx', repository: a/b, tag: '1'}|/",
        "image: {registry: a.b, repository: '%sx', tag: '1'}|a/",
        "#%s\nimage: x|# renovate: datasource=docker ",
        "global: {imageRegistry: %s}|x."
      })
  void nineHundredThousandCharactersMadeForBacktracking_end(String shape) throws IOException {
    int bar = shape.lastIndexOf('|');
    String part = shape.substring(bar + 1);
    String text = shape.substring(0, bar).formatted(part.repeat(900_000 / part.length())) + "\n";
    PinPlan plan = plan(text.getBytes(UTF_8));
    assertThat(plan.edits()).isEmpty();
    assertThat(plan.left()).allMatch(left -> left.reason().length() < 5_000);
  }

  @Test
  void hugeKeyAboveManyKeys_isCutInPaths() throws IOException {
    String text =
        "k".repeat(900_000)
            + ":\n"
            + "  image: acme/other:1\n"
            + IntStream.range(0, 20_000)
                .mapToObj(i -> "  a" + i + ": 1\n")
                .collect(Collectors.joining());
    PinPlan plan = plan(("? " + text.replaceFirst(":\n", "\n:\n")).getBytes(UTF_8));
    assertThat(plan.left()).allMatch(left -> left.path().length() < 1000);
  }
}
