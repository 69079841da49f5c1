package io.entrepot.render;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The addresses from which a working tree was cloned, read from git's configuration. */
public final class GitRemotes {

  private static final Pattern SECTION = Pattern.compile("^\\s*\\[(.*)]\\s*$");
  private static final Pattern URL = Pattern.compile("^\\s*url\\s*=\\s*(\\S+)\\s*$");

  private GitRemotes() {}

  /** The remotes of the working tree that a directory lies in; empty where there is none. */
  public static Set<String> of(Path directory) {
    @Nullable Path at = directory.toAbsolutePath().normalize();
    while (at != null && !Files.exists(at.resolve(".git"))) {
      at = at.getParent();
    }
    try {
      return at == null ? Set.of() : read(configuration(at.resolve(".git")));
    } catch (IOException e) {
      // Whoever may not read git's configuration is told nothing by it.
      return Set.of();
    }
  }

  /** The configuration, also of a working tree whose repository lies elsewhere. */
  private static Path configuration(Path git) throws IOException {
    if (Files.isDirectory(git)) {
      return git.resolve("config");
    }
    Path linked = git.resolveSibling(Files.readString(git).strip().replaceFirst("^gitdir: *", ""));
    Path common = linked.resolve("commondir");
    return (Files.exists(common) ? linked.resolve(Files.readString(common).strip()) : linked)
        .resolve("config");
  }

  private static Set<String> read(Path configuration) throws IOException {
    Set<String> remotes = new TreeSet<>();
    boolean remote = false;
    for (String line : Files.readAllLines(configuration)) {
      Matcher section = SECTION.matcher(line);
      Matcher url = URL.matcher(line);
      if (section.matches()) {
        remote = section.group(1).startsWith("remote ");
      } else if (remote && url.matches()) {
        remotes.add(url.group(1));
      }
    }
    return remotes;
  }
}
