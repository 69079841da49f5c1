package io.entrepot.pin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.sites.FloatingTags;
import io.entrepot.sites.LeftReason;
import io.entrepot.text.Glob;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trees of files: what is read, what is written, what is promoted. */
final class PinFilesTest {

  private static final String SOURCE = "docker.io/acme/app:1";
  private static final PinSource LOCK =
      new LockSource(Locks.of(Map.of(SOURCE, Locks.MIRROR + "/app:1")), FloatingTags.DEFAULT);
  private static final String PINNED =
      "image: " + Locks.MIRROR + "/app:1@" + Locks.digest(SOURCE) + "\n";

  private static PinPlan plan(Path... paths) throws IOException {
    return new Pinner(PinRules.DEFAULT, LOCK).plan(List.of(paths), List.of());
  }

  private static Path file(Path directory, String name, String text) throws IOException {
    Path file = directory.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  @Test
  void writing_keepsTheModeAndLeavesNoTemporaryFile(@TempDir Path tree) throws IOException {
    Path file = file(tree, "a/values.yaml", "image: acme/app:1\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-x--x"));
    PlanWriter.write(plan(tree));
    assertThat(file).hasContent(PINNED);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rwxr-x--x");
    try (Stream<Path> files = Files.list(file.getParent())) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void aFileChangedMeanwhile_stopsEverything(@TempDir Path tree) throws IOException {
    Path one = file(tree, "1.yaml", "image: acme/app:1\n");
    Path two = file(tree, "2.yaml", "image: acme/app:1\n");
    PinPlan plan = plan(tree);
    Files.writeString(two, "image: acme/app:1 # edited\n");
    assertThatThrownBy(() -> PlanWriter.write(plan)).hasMessageContaining("2.yaml");
    assertThat(one).hasContent("image: acme/app:1\n");
    try (Stream<Path> files = Files.list(tree)) {
      assertThat(files).hasSize(2);
    }
  }

  @Test
  void links_areNotFollowedOutOfTheTree(@TempDir Path tree, @TempDir Path outside)
      throws IOException {
    Path target = file(outside, "x.yaml", "image: acme/app:1\n");
    Files.createSymbolicLink(tree.resolve("link.yaml"), target);
    Files.createSymbolicLink(tree.resolve("dir"), outside);
    assertThat(plan(tree).files()).isEmpty();
  }

  @Test
  void aDirectoryNamedThroughALink_isRead(@TempDir Path tree, @TempDir Path outside)
      throws IOException {
    file(outside, "x.yaml", "image: acme/app:1\n");
    Path link = Files.createSymbolicLink(tree.resolve("dir"), outside);
    assertThat(plan(link).edits())
        .singleElement()
        .satisfies(edit -> assertThat(edit.file()).isEqualTo(link.resolve("x.yaml").toString()));
  }

  @Test
  void theLockAndOtherConfigurations_areNotRewritten(@TempDir Path tree) throws IOException {
    file(tree, "images.lock.yaml", "version: 1\nimages: {}\nx: {image: acme/app:1}\n");
    file(tree, "mirror.yaml", "target: ghcr.io/acme/mirror\nx: {image: acme/app:1}\n");
    file(tree, "proxy.yaml", "kind: Deployment\nspec: {image: acme/app:1}\n");
    assertThat(plan(tree).edits())
        .singleElement()
        .satisfies(edit -> assertThat(edit.file()).endsWith("proxy.yaml"));
  }

  @Test
  void aFileThatIsNoYaml_isNamedWithItsLine(@TempDir Path tree) throws IOException {
    file(tree, "bad.yaml", "a: 1\nimage: [acme/app:1\n");
    file(tree, "templates/t.yaml", "image: acme/app:1\n{{- if .Values.x }}\nb: 1\n{{- end }}\n");
    PinPlan plan = plan(tree);
    assertThat(plan.edits()).isEmpty();
    assertThat(plan.left())
        .extracting(Left::kind)
        .containsExactly(LeftReason.UNREADABLE, LeftReason.TEMPLATE_FILE);
    assertThat(plan.left().getFirst().line()).isEqualTo(3);
  }

  @Test
  void aTemplateOutsideOfTemplates_mayHoldImages_andNeedsSomebody(@TempDir Path tree)
      throws IOException {
    file(tree, "deploy/app.yaml", "image: acme/app:1\n{{ if x }}\nb: 1\n{{ end }}\n");
    PinPlan plan = plan(tree);
    assertThat(plan.left())
        .singleElement()
        .matches(left -> left.kind() == LeftReason.UNREADABLE && left.line() > 0);
    assertThat(plan.blocked()).isTrue();
  }

  @Test
  void aChartsTemplateThatHappensToBeYaml_isNamedAndKeepsNobodyBack(@TempDir Path tree)
      throws IOException {
    file(tree, "chart/Chart.yaml", "apiVersion: v2\nname: a\nversion: 1.0.0\n");
    file(tree, "chart/templates/a/pod.yaml", "image: \"{{ .Values.image }}\"\n");
    file(tree, "other/templates/pod.yaml", "image: \"{{ image }}\"\n");
    PinPlan plan = plan(tree);
    assertThat(plan.left())
        .extracting(Left::kind)
        .containsExactly(LeftReason.TEMPLATE_FILE, LeftReason.TEMPLATED);
  }

  @Test
  void includeAndExclude_chooseByPath(@TempDir Path tree) throws IOException {
    file(tree, "env/dev/a.yaml", "image: acme/app:1\n");
    file(tree, "env/dev/ci/b.yaml", "image: acme/app:1\n");
    file(tree, "c.yaml", "image: acme/app:1\n");
    PinRules rules =
        new PinRules(
            List.of(Glob.of("env/**")),
            List.of(Glob.of("**/ci/*")),
            FloatingTags.DEFAULT,
            List.of());
    assertThat(new Pinner(rules, LOCK).plan(List.of(tree), List.of()).edits())
        .extracting(SiteEdit::file)
        .allMatch(name -> name.endsWith("env/dev/a.yaml"))
        .hasSize(1);
  }

  @Test
  void promotion_copiesDigestsAndNamesWhatIsOnOneSideOnly(@TempDir Path tree) throws IOException {
    String dev = Locks.DIGEST_A;
    file(
        tree,
        "dev/app.yaml",
        "a:\n  image:\n    ref: ghcr.io/acme/a@%s\nb:\n  image: ghcr.io/acme/b:main\n"
                .formatted(dev)
            + "only: {image: \"ghcr.io/acme/c:1@%s\"}\n".formatted(dev)
            + "containers:\n- {name: x, image: \"x:1@%s\"}\n- {name: y, image: \"y:2@%s\"}\n"
                .formatted(dev, Locks.DIGEST_B));
    Path staging =
        file(
            tree,
            "staging/app.yaml",
            "a:\n  image:\n    ref: ghcr.io/acme/a@%s # old\nb:\n  image: ghcr.io/acme/b:main\n"
                    .formatted(Locks.DIGEST_B)
                + "containers:\n- {name: y, image: \"y:1\"}\n- {name: x, image: \"x:1\"}\n");
    file(tree, "staging/extra.yaml", "image: ghcr.io/acme/z:1\n");
    PinPlan plan =
        new Promoter(PinRules.DEFAULT, PolicyFilter.none(), null)
            .plan(tree.resolve("dev"), tree.resolve("staging"));
    PlanWriter.write(plan);
    assertThat(staging)
        .hasContent(
            "a:\n  image:\n    ref: ghcr.io/acme/a@%s # old\nb:\n  image: ghcr.io/acme/b:main\n"
                    .formatted(dev)
                + "containers:\n- {name: y, image: \"y:2@%s\"}\n- {name: x, image: \"x:1@%s\"}\n"
                    .formatted(Locks.DIGEST_B, dev));
    assertThat(plan.left())
        .extracting(Left::reason)
        .containsExactlyInAnyOrder(
            "FROM holds no digest here, only ghcr.io/acme/b:main",
            "TO has no such site",
            "FROM has no such site");
  }

  @Test
  void promotion_ofWhatIsTheSameOnBothSidesAndNoImage_isDone(@TempDir Path tree)
      throws IOException {
    String text = "image: \"{{ .Values.image }}\"\n";
    file(tree, "dev/app.yaml", text);
    file(tree, "staging/app.yaml", text);
    assertThat(
            new Promoter(PinRules.DEFAULT, PolicyFilter.none(), null)
                .plan(tree.resolve("dev"), tree.resolve("staging"))
                .left())
        .isEmpty();
  }

  @Test
  void explanation_saysWhatALineIsAndIsNot(@TempDir Path tree) throws IOException {
    Path file =
        file(
            tree, "v.yaml", "image: acme/app:1\nrepository: https://example.com/x\n# image: y:1\n");
    assertThat(Explanation.of(file, 1, PinRules.DEFAULT, LOCK).getFirst())
        .contains("image is a site", SOURCE);
    assertThat(Explanation.of(file, 2, PinRules.DEFAULT, LOCK).getFirst()).contains("a URL");
    assertThat(Explanation.of(file, 3, PinRules.DEFAULT, LOCK).getFirst()).startsWith("No site");
    assertThat(Explanation.of(file, 9, PinRules.DEFAULT, LOCK))
        .containsExactly("No site: the file has 3 lines.");
  }

  @Test
  void diff_isWhatPatchReads() {
    assertThat(UnifiedDiff.hunks("1\n2\n3\n4\n5\nx", "1\n2\n3\nfour\n5\nx"))
        .isEqualTo(
            """
            @@ -1,6 +1,6 @@
             1
             2
             3
            -4
            +four
             5
             x
            \\ No newline at end of file
            """);
    assertThat(UnifiedDiff.hunks("x\n", "x\n")).isEmpty();
  }
}
