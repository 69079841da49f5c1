package io.entrepot.pin;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.lock.LockFile;
import io.entrepot.sites.FloatingTags;
import io.entrepot.sites.Reading;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.events.Event;
import org.yaml.snakeyaml.events.ScalarEvent;

/** Pins a copy of the corpus; what is between the image scalars must stay, byte for byte. */
final class CorpusTest {

  private Path tree = Path.of("");
  private PinSource source = new LockSource(LockFile.empty(), FloatingTags.DEFAULT);

  @BeforeEach
  void copyTheCorpus(@TempDir Path copy) throws IOException {
    tree = copy;
    Corpus.copy(Corpus.require(), tree);
    List<Reading> readings = new ArrayList<>();
    for (ScannedFile file : Pinner.scan(List.of(tree), List.of(), PinRules.DEFAULT)) {
      file.found().sites().forEach(site -> readings.add(site.reading()));
    }
    source = new LockSource(Locks.covering(readings), FloatingTags.DEFAULT);
  }

  @Test
  void secondRun_changesNothing() throws IOException {
    PinPlan first = plan();
    assertThat(first.edits()).hasSizeGreaterThan(400);
    PlanWriter.write(first);
    assertThat(plan().edits()).isEmpty();
  }

  @Test
  void everyLineWithoutAnEdit_isTheSame() throws IOException {
    for (FilePlan file : plan().files()) {
      if (!file.changes()) {
        assertThat(file.after()).isEqualTo(file.before());
        continue;
      }
      List<Integer> edited = file.edits().stream().map(SiteEdit::line).toList();
      String[] before = file.before().split("\n", -1);
      String[] after = file.after().split("\n", -1);
      int to = 0;
      for (int line = 0; line < before.length; line++, to++) {
        if (!edited.contains(line + 1)) {
          assertThat(after[to]).as("%s:%d", file.shown(), line + 1).isEqualTo(before[line]);
          continue;
        }
        int added = additions(file, line + 1);
        String kept = before[line];
        for (SiteEdit edit : file.edits()) {
          if (edit.line() == line + 1 && !edit.old().isEmpty()) {
            assertThat(kept).as(file.shown()).contains(edit.old());
            kept = kept.replace(edit.old(), edit.replacement());
          }
        }
        boolean filled =
            file.edits().stream()
                .anyMatch(e -> e.old().isEmpty() && !e.replacement().contains(": "));
        if (!filled) {
          assertThat(unquoted(after[to]))
              .as("%s:%d", file.shown(), line + 1)
              .isEqualTo(unquoted(kept));
        }
        to += added;
      }
      assertThat(to).isEqualTo(after.length);
    }
  }

  @Test
  void anotherParser_findsOnlyTheIntendedScalarsDifferent() throws IOException {
    for (FilePlan file : plan().files()) {
      List<String> before;
      try {
        before = scalars(file.before());
      } catch (YAMLException e) {
        assertThat(file.changes()).as(file.shown()).isFalse();
        continue;
      }
      List<String> after = scalars(file.after());
      List<String> added =
          file.edits().stream()
              .filter(edit -> edit.old().isEmpty() && edit.replacement().contains(": "))
              .map(SiteEdit::replacement)
              .toList();
      for (String line : added) {
        int colon = line.indexOf(": ");
        int at = after.indexOf(line.substring(0, colon));
        after.subList(at, at + 2).clear();
      }
      assertThat(after).as(file.shown()).hasSameSizeAs(before);
      for (int i = 0; i < before.size(); i++) {
        String was = before.get(i);
        String is = after.get(i);
        if (!was.equals(is)) {
          assertThat(file.edits())
              .as("%s: '%s' became '%s'", file.shown(), was, is)
              .anyMatch(
                  edit ->
                      (was.strip().equals(edit.old()) && is.strip().equals(edit.replacement()))
                          || (was.contains(edit.old()) && is.contains(edit.replacement())));
        }
      }
    }
  }

  private PinPlan plan() throws IOException {
    return new Pinner(PinRules.DEFAULT, source).plan(List.of(tree), List.of());
  }

  private static int additions(FilePlan file, int line) {
    return (int)
        file.edits().stream()
            .filter(
                edit ->
                    edit.line() == line
                        && edit.old().isEmpty()
                        && edit.replacement().contains(": "))
            .count();
  }

  private static String unquoted(String line) {
    return line.replace("\"", "");
  }

  private static List<String> scalars(String text) {
    LoaderOptions options = new LoaderOptions();
    options.setCodePointLimit(64 * 1024 * 1024);
    List<String> scalars = new ArrayList<>();
    for (Event event : new Yaml(options).parse(new java.io.StringReader(text))) {
      if (event instanceof ScalarEvent scalar) {
        scalars.add(scalar.getValue());
      }
    }
    return scalars;
  }
}
