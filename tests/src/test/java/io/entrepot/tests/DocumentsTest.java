package io.entrepot.tests;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.cli.command.ExitCode;
import io.entrepot.gate.Rule;
import io.entrepot.gate.rules.AllRules;
import io.entrepot.registry.ErrorCode;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What the documents name is there, and what is there is named. */
class DocumentsTest {

  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Path ERRORS = ROOT.resolve("docs/errors.md");

  private static final Set<String> SKIPPED = Set.of("target", ".git", "work", "corpus");
  private static final Pattern FENCED = Pattern.compile("(?ms)^```.*?^```$");
  private static final Pattern CODE = Pattern.compile("`[^`\n]*`");
  private static final Pattern LINK = Pattern.compile("]\\(([^)\\s]+)\\)");
  private static final Pattern HEADING = Pattern.compile("(?m)^#+ +(.*)$");

  @Test
  void everyRelativeLink_leadsSomewhere() throws IOException {
    List<String> broken = new ArrayList<>();
    int links = 0;
    for (Path document : documents()) {
      String text = FENCED.matcher(Files.readString(document)).replaceAll("");
      for (String target :
          LINK.matcher(CODE.matcher(text).replaceAll(""))
              .results()
              .map(it -> it.group(1))
              .toList()) {
        if (target.matches("[a-z]+:.*")) {
          continue;
        }
        links++;
        if (!leadsSomewhere(document, target)) {
          broken.add(ROOT.relativize(document) + ": " + target);
        }
      }
    }
    assertThat(broken).isEmpty();
    assertThat(links).isGreaterThan(40);
  }

  private static boolean leadsSomewhere(Path document, String target) throws IOException {
    int hash = target.indexOf('#');
    String path = hash < 0 ? target : target.substring(0, hash);
    Path file =
        path.isEmpty()
            ? document
            : document.resolveSibling(URLDecoder.decode(path, StandardCharsets.UTF_8)).normalize();
    return file.startsWith(ROOT)
        && Files.exists(file)
        && (hash < 0 || anchors(file).contains(target.substring(hash + 1)));
  }

  /** As the forge makes them of headings. */
  private static Set<String> anchors(Path file) throws IOException {
    return HEADING
        .matcher(FENCED.matcher(Files.readString(file)).replaceAll(""))
        .results()
        .map(heading -> heading.group(1).toLowerCase(Locale.ROOT))
        .map(heading -> heading.replaceAll("[^\\p{L}\\p{N} _-]", "").strip().replace(' ', '-'))
        .collect(Collectors.toSet());
  }

  private static List<Path> documents() throws IOException {
    List<Path> documents = new ArrayList<>();
    Files.walkFileTree(
        ROOT,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
            return SKIPPED.contains(directory.getFileName().toString())
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            if (file.toString().endsWith(".md")) {
              documents.add(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return documents;
  }

  @Test
  void everyErrorCode_standsOnItsPage_withItsStatus() throws IOException {
    Map<String, String> wanted = new TreeMap<>();
    for (ErrorCode code : ErrorCode.values()) {
      wanted.put(code.name(), Integer.toString(code.status()));
    }
    assertThat(table(ERRORS, "Codes of the registry")).isEqualTo(wanted);
  }

  @Test
  void everyRule_standsOnItsPage_withItsTitle() throws IOException {
    Map<String, String> wanted = new TreeMap<>();
    for (Rule rule : AllRules.RULES.all()) {
      wanted.put(rule.id(), rule.title());
    }
    assertThat(table(ERRORS, "Rules of check")).isEqualTo(wanted);
  }

  @Test
  void everyExitCode_standsOnItsPage() throws IOException {
    assertThat(table(ERRORS, "Exit codes").keySet())
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(ExitCode.values()).map(code -> "" + code.number()).toList());
  }

  /** The first column of a section's table without its code marks, with the second one. */
  static Map<String, String> table(Path document, String heading) throws IOException {
    Map<String, String> table = new TreeMap<>();
    for (List<String> row : rows(document, heading)) {
      assertThat(row).as(row.toString()).allSatisfy(cell -> assertThat(cell).isNotBlank());
      assertThat(table.put(row.getFirst(), row.get(1))).as(row.getFirst() + " twice").isNull();
    }
    return table;
  }

  /** The rows of a section's table, cells without code marks. */
  static List<List<String>> rows(Path document, String heading) throws IOException {
    String text = Files.readString(document);
    String start = "\n## " + heading + "\n";
    assertThat(text).contains(start);
    String section = text.substring(text.indexOf(start) + start.length()).split("\n## ", -1)[0];
    return section
        .lines()
        .filter(line -> line.startsWith("| "))
        .skip(1)
        .map(line -> line.substring(2, line.length() - 2).replace("`", ""))
        .map(line -> Arrays.stream(line.split(" \\| ", -1)).map(String::strip).toList())
        .toList();
  }

  /** Names in a cell that are separated by commas. */
  static Set<String> names(String cell) {
    return new HashSet<>(cell.equals("–") ? List.of() : List.of(cell.split(", ", -1)));
  }
}
