package io.entrepot.cli.command;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.Model.UsageMessageSpec;

/** The examples and notes at the end of a help, as wide as the terminal. */
final class HelpFooter {

  /** An example, and what it does in a column of its own. */
  private static final Pattern EXPLAINED = Pattern.compile("(\\s*\\S.*?\\s{2,})\\S.*");

  private HelpFooter() {}

  /** Has a command line and all below it wrap their footers. */
  static void wrap(CommandLine root) {
    root.getHelpSectionMap().put(UsageMessageSpec.SECTION_KEY_FOOTER, HelpFooter::render);
    root.getSubcommands().values().forEach(HelpFooter::wrap);
  }

  private static String render(Help help) {
    int width = help.commandSpec().usageMessage().width();
    StringBuilder text = new StringBuilder();
    for (String line : paragraphs(help.commandSpec().usageMessage().footer())) {
      for (String each : wrapped(line, width)) {
        text.append(each).append(System.lineSeparator());
      }
    }
    return text.toString();
  }

  /** Lines of text that follow one another are one; examples, which are indented, stay apart. */
  private static List<String> paragraphs(String... footer) {
    List<String> paragraphs = new ArrayList<>();
    boolean open = false;
    for (String each : footer) {
      // picocli takes footers for formats.
      String line = each.replace("%%", "%").replace("%n", "");
      boolean text = !line.isBlank() && !line.startsWith(" ") && !line.endsWith(":");
      if (text && open) {
        paragraphs.set(paragraphs.size() - 1, paragraphs.getLast() + " " + line);
      } else {
        paragraphs.add(line);
      }
      open = text;
    }
    return paragraphs;
  }

  /** A line in pieces; what follows stands below its explanation, or a little further in. */
  static List<String> wrapped(String line, int width) {
    if (line.length() <= width) {
      return List.of(line);
    }
    Matcher explained = EXPLAINED.matcher(line);
    int indent = line.length() - line.stripLeading().length();
    int column = explained.matches() ? explained.end(1) : indent == 0 ? 0 : indent + 4;
    if (column > width / 2) {
      column = indent + 4;
    }
    List<String> lines = new ArrayList<>();
    String rest = line;
    while (rest.length() > width) {
      int end = rest.lastIndexOf(' ', width);
      if (end <= rest.length() - rest.stripLeading().length()) {
        break;
      }
      lines.add(rest.substring(0, end).stripTrailing());
      rest = " ".repeat(column) + rest.substring(end).strip();
    }
    lines.add(rest);
    return lines;
  }
}
