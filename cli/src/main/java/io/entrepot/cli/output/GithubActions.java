package io.entrepot.cli.output;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.mirror.ImageResult;
import io.entrepot.mirror.ImageResult.Outcome;
import io.entrepot.mirror.MirrorReport;
import io.entrepot.oci.Platform;
import io.entrepot.text.FilePosition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What a job of GitHub Actions shows of a run: annotations and the step summary (docs.github.com,
 * "Workflow commands for GitHub Actions").
 */
public final class GithubActions {

  private GithubActions() {}

  /**
   * A workflow command for each image that failed or waits.
   *
   * @param places file and line of each image's entry, in the report's order
   */
  public static List<String> annotations(MirrorReport report, List<String> places) {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < report.images().size(); i++) {
      ImageResult result = report.images().get(i);
      if (result.error() == null) {
        continue;
      }
      String command = result.outcome() == Outcome.POSTPONED ? "warning" : "error";
      String place = i < places.size() ? place(places.get(i)) : "";
      lines.add(
          "::%s %stitle=%s::%s"
              .formatted(
                  command,
                  place,
                  property(result.outcome().word() + " " + result.source()),
                  data(ReportOutput.withRemedy(result))));
    }
    return lines;
  }

  /** A table of all images, for the step summary. */
  public static String markdown(MirrorReport report) {
    StringBuilder text = new StringBuilder("### Mirror\n\n");
    text.append("| | source | target | digest | platforms | copied | |\n");
    text.append("|---|---|---|---|---|---:|---|\n");
    for (ImageResult result : report.images()) {
      text.append(
          "| %s | %s | %s | %s | %s | %s | %s |\n"
              .formatted(
                  result.outcome().word(),
                  code(result.source().toString()),
                  code(result.target().toString()),
                  result.digest() == null
                      ? ""
                      : code(
                          result.digest().algorithm().prefix()
                              + ":"
                              + result.digest().shortHex(12)),
                  result.platforms().stream()
                      .map(Platform::toString)
                      .collect(Collectors.joining(", ")),
                  Amounts.bytes(result.bytes().copied()),
                  result.error() == null ? "" : cell(result.error())));
    }
    text.append('\n');
    ReportOutput.summary(report).forEach(line -> text.append(cell(line)).append("  \n"));
    return text.append('\n').toString();
  }

  /** Adds to the file that {@code GITHUB_STEP_SUMMARY} names. */
  public static void summarize(Path file, MirrorReport report) throws IOException {
    summarize(file, markdown(report));
  }

  /** Adds Markdown to the file that {@code GITHUB_STEP_SUMMARY} names. */
  public static void summarize(Path file, String markdown) throws IOException {
    Files.write(
        file, markdown.getBytes(UTF_8), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  /** {@code file=…,line=…,} out of {@code file:line}, or nothing. */
  private static String place(String where) {
    int colon = where.lastIndexOf(':');
    return colon > 0 && where.substring(colon + 1).matches("[0-9]+")
        ? "file=%s,line=%s,"
            .formatted(property(where.substring(0, colon)), where.substring(colon + 1))
        : "";
  }

  /** {@code file=…,line=…,}, or nothing where no line is known. */
  static String place(FilePosition position) {
    return position.line() == 0
        ? ""
        : "file=%s,line=%d,".formatted(property(position.file()), position.line());
  }

  /** Escaped as the runner unescapes it. */
  static String data(String text) {
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A");
  }

  static String property(String text) {
    return data(text).replace(":", "%3A").replace(",", "%2C");
  }

  private static String code(String text) {
    return "`" + text + "`";
  }

  /** Text that cannot leave its cell or become markup. */
  static String cell(String text) {
    return Console.printable(text)
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replaceAll("([\\\\`*_\\[\\]|])", "\\\\$1")
        .replaceAll("\\R", "<br>");
  }
}
