package io.entrepot.cli.command;

import io.entrepot.pods.PodList;
import io.entrepot.pods.PodListReader;
import io.entrepot.pods.PodSource;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The option {@code --pods}: lists of what clusters run. */
final class PodOptions {

  private static final String STANDARD_INPUT = "-";

  private final Option<List<String>> lists;

  PodOptions(Arguments arguments) {
    lists =
        arguments.options(
            "--pods",
            String.class,
            "[NAME=]FILE",
            "What a cluster runs, as kubectl get pods -A -o json prints it; - is standard input. May be"
                + " repeated, once for each cluster; its name is the file's unless NAME says another.");
  }

  boolean isGiven() {
    return lists.isGiven();
  }

  /** Reads the lists. */
  List<PodList> read(Invocation context) {
    List<Given> given = lists.or(List.of()).stream().map(text -> Given.of(context, text)).toList();
    long inputs = given.stream().filter(Given::isInput).count();
    if (inputs > 1) {
      throw new UsageException("--pods - : standard input is one list only");
    }
    List<PodSource> sources = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Given each : given) {
      boolean twice = given.stream().filter(other -> other.name().equals(each.name())).count() > 1;
      String name = twice && !each.named() ? each.longName() : each.name();
      if (!names.add(name)) {
        throw new UsageException(
            "--pods: two clusters are called '%s'; name them: --pods NAME=FILE".formatted(name));
      }
      sources.add(each.source(context, name));
    }
    return PodListReader.read(sources);
  }

  /**
   * One list.
   *
   * @param named whether the name was given, and is not that of the file
   */
  private record Given(String name, boolean named, String file) {

    static Given of(Invocation context, String text) {
      int equals = text.indexOf('=');
      boolean named =
          equals > 0
              && text.lastIndexOf('/', equals) < 0
              && text.lastIndexOf(File.separatorChar, equals) < 0
              && !Files.exists(context.file(Path.of(text)));
      if (named) {
        return new Given(text.substring(0, equals), true, text.substring(equals + 1));
      }
      return new Given(
          text.equals(STANDARD_INPUT) ? "stdin" : withoutEnding(Path.of(text)), false, text);
    }

    boolean isInput() {
      return file.equals(STANDARD_INPUT);
    }

    /** With the folder before it. */
    String longName() {
      Path folder = Path.of(file).toAbsolutePath().normalize().getParent();
      return folder == null || folder.getFileName() == null
          ? name
          : folder.getFileName() + "/" + name;
    }

    PodSource source(Invocation context, String cluster) {
      if (isInput()) {
        return new PodSource(cluster, "standard input", () -> System.in);
      }
      Path path = context.file(Path.of(file));
      if (!Files.isReadable(path) || Files.isDirectory(path)) {
        throw new UsageException("--pods: no such file: " + file);
      }
      return new PodSource(cluster, file, () -> Files.newInputStream(path));
    }

    private static String withoutEnding(Path path) {
      String name = String.valueOf(path.getFileName());
      return name.length() > 5 && name.endsWith(".json")
          ? name.substring(0, name.length() - 5)
          : name;
    }
  }
}
