package io.entrepot.verify;

import io.entrepot.oci.ImageConfig;
import io.entrepot.oci.Platform;
import io.entrepot.verify.LayerStack.Resolution;
import io.entrepot.verify.Program.Format;
import io.entrepot.verify.Program.Native;
import io.entrepot.verify.Program.Other;
import io.entrepot.verify.Program.Script;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The programs that an image starts, as far as they can be told without starting it: the first word
 * of entrypoint and command, the interpreter of a script, the shell of a shell form, and what a
 * known wrapper such as {@code tini} hands over to.
 */
final class StartedPrograms {

  /** What is searched where the image says nothing, as container runtimes do. */
  private static final String DEFAULT_PATH =
      "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

  private static final int MAX_PROGRAMS = 16;

  /** Words of a command line, and directories of PATH, that are looked at. */
  private static final int MAX_WORDS = 64;

  private static final Set<String> SHELLS = Set.of("sh", "bash", "ash", "dash", "busybox", "zsh");

  /** Programs whose first argument that is no option is the program they become or start. */
  private static final Set<String> WRAPPERS =
      Set.of(
          "tini",
          "tini-static",
          "dumb-init",
          "docker-init",
          "catatonit",
          "env",
          "exec",
          "nice",
          "nohup",
          "setsid");

  /** Wrappers that take a user or the like before the program. */
  private static final Set<String> USER_WRAPPERS = Set.of("gosu", "su-exec", "setpriv", "chroot");

  private static final Set<String> KNOWN_ARCHITECTURES =
      Set.of(
          "386",
          "amd64",
          "arm",
          "arm64",
          "ppc64",
          "ppc64le",
          "s390x",
          "riscv64",
          "loong64",
          "mips",
          "mipsle",
          "mips64",
          "mips64le");

  private static final Pattern ASSIGNMENT = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*=.*");
  private static final Pattern NUMBER = Pattern.compile("[0-9]+|SIG[A-Z]+");

  private final Platform platform;
  private final ImageConfig config;
  private final LayerStack files;
  private final List<String> evidence = new ArrayList<>();
  private final List<String> mismatches = new ArrayList<>();
  private final Set<String> seen = new HashSet<>();

  private StartedPrograms(Platform platform, ImageConfig config, LayerStack files) {
    this.platform = platform;
    this.config = config;
    this.files = files;
  }

  /**
   * What was found.
   *
   * @param evidence what was looked at, and what could not be judged and why
   * @param mismatches one sentence for each program of another machine
   */
  record Judgement(List<String> evidence, List<String> mismatches) {}

  /**
   * Looks at the programs an image starts.
   *
   * @throws LayerStack.UnreadableLayer if a layer on the way cannot be listed
   */
  static Judgement judge(Platform platform, ImageConfig config, LayerStack files)
      throws IOException {
    StartedPrograms programs = new StartedPrograms(platform, config, files);
    List<String> words = new ArrayList<>(config.entrypoint());
    words.addAll(config.command());
    if (words.isEmpty()) {
      programs.notJudged("the image names neither entrypoint nor command");
    } else {
      programs.follow(words.subList(0, Math.min(words.size(), MAX_WORDS)), true);
    }
    return new Judgement(printable(programs.evidence), printable(programs.mismatches));
  }

  /** Names in an image are its maker's choice; a terminal must not obey them. */
  private static List<String> printable(List<String> lines) {
    return lines.stream()
        .map(line -> line.length() > 500 ? line.substring(0, 497) + "..." : line)
        .map(line -> line.replaceAll("\\p{C}", "\uFFFD"))
        .toList();
  }

  private void follow(List<String> words, boolean expected) throws IOException {
    String word = words.getFirst();
    Resolution resolution = locate(word);
    Program program = resolution.program();
    if (program == null) {
      if (expected) {
        notJudged(resolution.why());
      }
      return;
    }
    if (seen.size() >= MAX_PROGRAMS || !seen.add(resolution.path())) {
      handOver(word, words);
      return;
    }
    switch (program) {
      case Native code -> {
        compare(resolution.path(), code);
        handOver(word, words);
      }
      case Script(String interpreter) -> {
        evidence.add("script " + resolution.path());
        follow(interpreterWords(interpreter), true);
        argument(words, 1, false);
      }
      case Other other -> notJudged(resolution.path() + " is neither a program nor a script");
    }
  }

  /** A {@code #!} line is one program and at most one argument. */
  private static List<String> interpreterWords(String line) {
    List<String> words = new ArrayList<>();
    for (String word : line.split("[ \t]+", -1)) {
      if (!word.isEmpty() && !(words.size() == 1 && word.equals("-S"))) {
        words.add(word);
      }
    }
    return words.isEmpty() ? List.of("/bin/sh") : words;
  }

  /** Wrappers and shells start something else. */
  private void handOver(String word, List<String> words) throws IOException {
    String name = word.substring(Math.max(word.lastIndexOf('/'), word.lastIndexOf('\\')) + 1);
    if (SHELLS.contains(name)) {
      shellForm(words);
    } else if (WRAPPERS.contains(name)) {
      argument(words, 1, true);
    } else if (USER_WRAPPERS.contains(name)) {
      argument(words, 2, false);
    }
  }

  private void argument(List<String> words, int from, boolean expected) throws IOException {
    for (int i = from; i < words.size(); i++) {
      String word = words.get(i);
      boolean skipped =
          word.startsWith("-")
              || NUMBER.matcher(word).matches()
              || ASSIGNMENT.matcher(word).matches();
      if (!skipped) {
        follow(words.subList(i, words.size()), expected);
        return;
      }
    }
  }

  /** {@code sh -c "exec /app --flag"}, or {@code sh /script}. */
  private void shellForm(List<String> words) throws IOException {
    for (int i = 1; i < words.size(); i++) {
      String word = words.get(i);
      boolean command = word.startsWith("-") && !word.startsWith("--") && word.endsWith("c");
      if (command) {
        if (i + 1 < words.size()) {
          shellCommand(words.get(i + 1));
        }
        return;
      }
      if (!word.startsWith("-")) {
        if (word.contains("/")) {
          follow(words.subList(i, words.size()), false);
        }
        return;
      }
    }
  }

  private void shellCommand(String command) throws IOException {
    for (String word : command.strip().split("\\s+", -1)) {
      if (word.equals("exec") || ASSIGNMENT.matcher(word).matches()) {
        continue;
      }
      if (word.matches("/[A-Za-z0-9._/+-]+")) {
        follow(List.of(word), false);
      }
      return;
    }
  }

  private void compare(String path, Native code) {
    boolean windows = platform.os().equals("windows");
    Format wanted =
        windows ? Format.PE : platform.os().equals("darwin") ? Format.MACH_O : Format.ELF;
    if (code.format() != wanted) {
      mismatches.add(
          "%s is a %s for %s, the index says %s: this pod would end in \"exec format error\""
              .formatted(path, code.format().label, code.architecture(), platform));
      return;
    }
    if (!KNOWN_ARCHITECTURES.contains(platform.architecture())) {
      notJudged("%s is %s; what %s runs is not known".formatted(path, code, platform));
      return;
    }
    if (!runs(code.architecture())) {
      mismatches.add(
          "%s is %s %s for %s, the index says %s: this pod would end in \"exec format error\""
              .formatted(
                  path,
                  code.format() == Format.ELF ? "an" : "a",
                  code.format().label,
                  code.architecture(),
                  platform.architecture()));
      return;
    }
    evidence.add("binary %s (%s)".formatted(path, code));
  }

  /** Every amd64 kernel in use runs 386; many arm64 processors cannot run arm. */
  private boolean runs(String architecture) {
    return architecture.equals(platform.architecture())
        || (architecture.equals("386") && platform.architecture().equals("amd64"));
  }

  private Resolution locate(String word) throws IOException {
    if (platform.os().equals("windows")) {
      return locateInWindows(word);
    }
    if (word.contains("/")) {
      return files.resolve(absolute(word));
    }
    String path = config.path();
    for (String directory : (path == null ? DEFAULT_PATH : path).split(":", MAX_WORDS)) {
      Resolution resolution = files.resolve(absolute(directory + "/" + word));
      if (resolution.program() != null) {
        return resolution;
      }
    }
    return new Resolution(word, null, word + " is in no directory of PATH");
  }

  private String absolute(String path) {
    return path.startsWith("/") ? path : config.workingDirectory() + "/" + path;
  }

  /** Windows layers hold the drive under {@code Files}; names know no case. */
  private Resolution locateInWindows(String word) throws IOException {
    String path = slashes(word);
    List<String> directories = new ArrayList<>();
    if (path.startsWith("/")) {
      directories.add("");
    } else {
      directories.add(slashes(config.workingDirectory()));
      if (!path.contains("/")) {
        String search = config.path();
        for (String directory :
            (search == null ? "c:\\windows\\system32;c:\\windows" : search).split(";", MAX_WORDS)) {
          directories.add(slashes(directory));
        }
      }
    }
    @Nullable Resolution last = null;
    for (String directory : directories) {
      for (String suffix : List.of("", ".exe")) {
        last = files.resolve("files" + directory + "/" + path + suffix);
        if (last.program() != null) {
          return last;
        }
      }
    }
    return new Resolution(word, null, word + " is not in the image");
  }

  private static String slashes(String path) {
    String slashed = path.replace('\\', '/').toLowerCase(Locale.ROOT);
    return slashed.matches("[a-z]:.*") ? slashed.substring(2) : slashed;
  }

  private void notJudged(String why) {
    evidence.add("not judged: " + why);
  }
}
