package io.entrepot.tests;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.vertx.core.http.HttpServerResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What a room of the house may look like. The lists of exceptions only shrink: an entry that is no
 * longer needed fails its test, so whoever mends the last cause deletes the entry.
 */
class HouseTest {

  private static final int LONGEST_FILE = 450;

  /**
   * Files of main code that are longer than {@value #LONGEST_FILE} lines; at most five in the end.
   */
  private static final Set<String> LONG_FILES = Set.of("BlobFill");

  /** Files of one package that use each other. None is added. */
  private static final Set<String> TIES = Set.of("ImageReference Repository");

  /** Classes beside {@code ResponseWriter} that know the live response. None is added. */
  private static final Set<String> RESPONSE_USERS = Set.of();

  /** Classes outside {@code concurrent} that keep futures in a map. None is added. */
  private static final Set<String> FUTURE_MAPS = Set.of();

  /** Comments on the start of the program that name no measured saving. None is added. */
  private static final Set<String> UNMEASURED = Set.of();

  /** Steps that no test of the mirror names. None is added. */
  private static final Set<String> UNNAMED_STEPS = Set.of();

  private static final Path ROOT = parent(Path.of("").toAbsolutePath());

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(location -> !location.contains("tests.jar"))
          .importPackages("io.entrepot");

  @Test
  void mainFiles_areShortEnoughToBeReadAtOnce() throws IOException {
    Set<String> tooLong = new TreeSet<>();
    for (Path source : sources("src/main")) {
      if (Files.readAllLines(source).size() > LONGEST_FILE) {
        tooLong.add(typeOf(source));
      }
    }

    assertOnly(tooLong, LONG_FILES);
  }

  @Test
  void filesOfOnePackage_doNotUseEachOther() {
    Map<String, Set<String>> uses = new TreeMap<>();
    for (JavaClass user : CLASSES) {
      user.getDirectDependenciesFromSelf().stream()
          .map(dependency -> dependency.getTargetClass().getBaseComponentType())
          .filter(used -> used.getPackageName().equals(user.getPackageName()))
          .filter(used -> CLASSES.contain(used.getName()) && !file(used).equals(file(user)))
          .forEach(
              used -> uses.computeIfAbsent(file(user), file -> new TreeSet<>()).add(file(used)));
    }
    Set<String> families = sealedFamilies();
    Set<String> ties = new TreeSet<>();
    uses.forEach(
        (user, all) -> {
          for (String used : all) {
            if (user.compareTo(used) < 0
                && uses.getOrDefault(used, Set.of()).contains(user)
                && !families.contains(user + " " + used)) {
              ties.add(simple(user) + " " + simple(used));
            }
          }
        });

    assertOnly(ties, TIES);
  }

  @Test
  void onlyTheResponseWriter_knowsTheLiveResponse() {
    Set<String> users = new TreeSet<>();
    for (JavaClass user : CLASSES) {
      if (user.getDirectDependenciesFromSelf().stream()
          .anyMatch(each -> each.getTargetClass().isEquivalentTo(HttpServerResponse.class))) {
        users.add(simple(file(user)));
      }
    }
    users.remove("ResponseWriter");

    assertOnly(users, RESPONSE_USERS);
  }

  @Test
  void onlyConcurrent_keepsFuturesInMaps() throws IOException {
    Pattern map = Pattern.compile("Map<[^;(]*?\\b(?:\\w*Future|Promise)\\b");
    Set<String> keepers = new TreeSet<>();
    for (Path source : sources("src/main")) {
      if (!parent(source).endsWith("concurrent") && map.matcher(Files.readString(source)).find()) {
        keepers.add(typeOf(source));
      }
    }

    assertOnly(keepers, FUTURE_MAPS);
  }

  /** A format and a rule each have a page of their own, and a test class of their own. */
  @Test
  void everyFormatAndRule_hasItsTest() throws IOException {
    Set<String> tests = new HashSet<>();
    for (Path test : sources("src/test")) {
      tests.add(typeOf(test));
    }
    Set<String> pages = new TreeSet<>();
    for (JavaClass each : CLASSES) {
      if (isCaseOf(each, "io.entrepot.sites.Format")
          || isCaseOf(each, "io.entrepot.gate.Judgement")) {
        pages.add(each.getSimpleName() + "Test");
      }
    }

    assertThat(pages).hasSizeGreaterThan(30);
    assertThat(tests).containsAll(pages);
  }

  /** A step of the mirror is a record; what a run does with it is told by the log of its tests. */
  @Test
  void everyStep_isNamedByATestOfTheMirror() throws IOException {
    StringBuilder tests = new StringBuilder();
    for (Path test : sources("src/test")) {
      if (parent(test).endsWith("io/entrepot/mirror")) {
        tests.append(Files.readString(test));
      }
    }
    Set<String> unnamed = new TreeSet<>();
    for (JavaClass each : CLASSES) {
      if (isCaseOf(each, "io.entrepot.mirror.MirrorStep")
          && !Pattern.compile("\\b" + each.getSimpleName() + "\\b").matcher(tests).find()) {
        unnamed.add(each.getSimpleName());
      }
    }

    assertOnly(unnamed, UNNAMED_STEPS);
  }

  /**
   * What makes the code harder to read for the sake of the start says what it saves, as {@code "12
   * ms"}, and saves 10 ms or more.
   */
  @Test
  void startUpTricks_nameTheirSaving() throws IOException {
    Pattern comment = Pattern.compile("/\\*.*?\\*/|(?:[ \\t]*//[^\\n]*\\n)+", Pattern.DOTALL);
    Pattern trick =
        Pattern.compile(
            "(?i)(?:each|every) start|start-up(?! cache)|\\bstarts? (?:faster|sooner|slower)");
    Pattern saving = Pattern.compile("\\b(\\d+)\\s+ms\\b");
    Set<String> unmeasured = new TreeSet<>();
    for (Path source : sources("src/main")) {
      if (source.startsWith(ROOT.resolve("distribution"))) {
        continue;
      }
      Matcher comments = comment.matcher(Files.readString(source));
      while (comments.find()) {
        String text = comments.group().replaceAll("\\s+(?:\\*|//)?\\s*", " ");
        Matcher saved = saving.matcher(text);
        if (trick.matcher(text).find()
            && !(saved.find() && Integer.parseInt(saved.group(1)) >= 10)) {
          unmeasured.add(typeOf(source));
        }
      }
    }

    assertOnly(unmeasured, UNMEASURED);
  }

  /** Nothing is managed that no module asks for. */
  @Test
  void managedDependencies_areUsed() throws IOException {
    Pattern dependency =
        Pattern.compile("<dependency>.*?<artifactId>([^<]+)</artifactId>", Pattern.DOTALL);
    Set<String> used = new HashSet<>();
    List<String> managed = new ArrayList<>();
    for (Path pom : files("pom.xml")) {
      String text = Files.readString(pom);
      Matcher each = dependency.matcher(text);
      while (each.find()) {
        if (parent(pom).equals(ROOT)) {
          managed.add(each.group(1));
        } else {
          used.add(each.group(1));
        }
      }
    }
    // A bill of materials, and a version of what a library brings with it.
    used.addAll(List.of("netty-bom", "jackson-annotations"));

    assertThat(managed).isNotEmpty();
    assertThat(used).containsAll(managed);
  }

  /** What is found is listed, and what is listed is found. */
  private static void assertOnly(Set<String> found, Set<String> listed) {
    Set<String> mended = new TreeSet<>(listed);
    mended.removeAll(found);
    Set<String> added = new TreeSet<>(found);
    added.removeAll(listed);
    assertThat(added).as("against the rules of the house").isEmpty();
    assertThat(mended).as("mended: delete from the list").isEmpty();
  }

  /** Pairs of files of which one holds a sealed type and the other a case of it, in both orders. */
  private static Set<String> sealedFamilies() {
    Set<String> pairs = new HashSet<>();
    for (JavaClass type : CLASSES) {
      for (Class<?> each : casesOf(type)) {
        String other = file(CLASSES.get(each.getName()));
        pairs.add(file(type) + " " + other);
        pairs.add(other + " " + file(type));
      }
    }
    return pairs;
  }

  private static Class<?>[] casesOf(JavaClass type) {
    Class<?>[] cases = type.reflect().getPermittedSubclasses();
    return cases == null ? new Class<?>[0] : cases;
  }

  private static boolean isCaseOf(JavaClass type, String whole) {
    return !type.getName().equals(whole)
        && !type.isInterface()
        && !type.isAnonymousClass()
        && type.isAssignableTo(whole);
  }

  /** The file of a class, as the full name of its outermost type. */
  private static String file(JavaClass type) {
    String source = type.getSource().flatMap(each -> each.getFileName()).orElse("?");
    return type.getPackageName() + "." + source.replace(".java", "");
  }

  private static String typeOf(Path source) {
    return source.getFileName().toString().replace(".java", "");
  }

  private static String simple(String file) {
    return file.substring(file.lastIndexOf('.') + 1);
  }

  private static List<Path> sources(String folder) throws IOException {
    return files(".java").stream()
        .filter(path -> ROOT.relativize(path).toString().contains(folder + "/"))
        .toList();
  }

  private static List<Path> files(String ending) throws IOException {
    try (Stream<Path> files = Files.walk(ROOT)) {
      return files
          .filter(path -> path.toString().endsWith(ending))
          .filter(path -> !ROOT.relativize(path).toString().contains("target/"))
          .sorted()
          .toList();
    }
  }

  private static Path parent(Path path) {
    return Objects.requireNonNull(path.getParent());
  }
}
