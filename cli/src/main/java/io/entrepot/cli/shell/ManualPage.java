package io.entrepot.cli.shell;

import java.util.List;
import picocli.CommandLine.Model.CommandSpec;

/** The page that {@code man} shows, in troff with the macros of man(7). */
public final class ManualPage {

  /** A name and what it is. */
  private record Entry(String name, String text) {}

  private static final List<Entry> FILES =
      List.of(
          new Entry("mirror.yaml", "What entrepot mirror copies, and where to."),
          new Entry("images.lock.yaml", "What was copied, by digest. entrepot mirror writes it."),
          new Entry("proxy.yaml", "How entrepot serve listens, stores and fetches."),
          new Entry("pin.yaml", "Which files and images entrepot pin leaves as they are."),
          new Entry("check.yaml", "What entrepot check renders, and what it lets pass."),
          new Entry("policy.yaml", "What may run: ages, signers, denied digests."),
          new Entry(
              "~/.cache/entrepot", "The store of entrepot serve, unless --cache names another."),
          new Entry("~/.docker/config.json", "Logins at registries, as docker login writes them."));

  private static final List<Entry> ENVIRONMENT =
      List.of(
          new Entry(
              "ENTREPOT_JAVA_OPTIONS", "More options for the Java machine, such as -Xmx512m."),
          new Entry("HTTPS_PROXY, HTTP_PROXY, NO_PROXY", "The proxy on the way to registries."),
          new Entry("SSL_CERT_FILE", "The certificates to trust, in PEM."),
          new Entry(
              "DOCKER_CONFIG, DOCKER_AUTH_CONFIG, REGISTRY_AUTH_FILE",
              "Where logins are looked for."),
          new Entry("GITHUB_TOKEN", "The login at ghcr.io where no other is found."),
          new Entry("NO_COLOR, CLICOLOR_FORCE", "No colours; colours also without a terminal."),
          new Entry("COLUMNS", "The width of the terminal."));

  private final StringBuilder page = new StringBuilder();

  private ManualPage() {}

  /** The page of a whole command line. */
  public static String of(CommandSpec root) {
    ManualPage manual = new ManualPage();
    manual.write(root);
    return manual.page.toString();
  }

  private void write(CommandSpec root) {
    macro(".TH ENTREPOT 1 \"\" \"%s\" \"User Commands\"".formatted(text(root.version()[0])));
    macro(".SH NAME");
    line(root.name() + " - " + Word.description(root));
    macro(".SH SYNOPSIS");
    macro(".B entrepot");
    macro("\\fICOMMAND\\fR [\\fIOPTIONS\\fR]");
    macro(".SH OPTIONS");
    Word.options(root).forEach(this::word);
    macro(".SH COMMANDS");
    Word.commands(root).forEach(this::command);
    footer(root);
    macro(".SH FILES");
    FILES.forEach(this::entry);
    macro(".SH ENVIRONMENT");
    ENVIRONMENT.forEach(this::entry);
    macro(".SH SEE ALSO");
    macro(".BR skopeo (1),");
    macro(".BR podman (1),");
    macro(".BR registries.conf (5)");
  }

  /** A command, and then those below it. */
  private void command(CommandSpec command) {
    macro(".SS " + text(command.qualifiedName()));
    line(Word.description(command));
    Word.arguments(command).forEach(this::word);
    Word.options(command).forEach(this::word);
    footer(command);
    Word.commands(command).forEach(this::command);
  }

  /** Examples stand as they are typed. */
  private void footer(CommandSpec command) {
    List<String> lines = List.of(command.usageMessage().footer());
    if (lines.isEmpty()) {
      return;
    }
    macro(command.parent() == null ? ".SH EXAMPLES AND EXIT STATUS" : ".PP");
    macro(".nf");
    lines.stream()
        .filter(each -> !each.isBlank())
        .forEach(each -> line(each.replace("%%", "%").replace("%n", "")));
    macro(".fi");
  }

  private void word(Word word) {
    macro(".TP");
    StringBuilder head = new StringBuilder();
    for (String name : word.names()) {
      head.append(head.isEmpty() ? "" : ", ").append("\\fB").append(text(name)).append("\\fR");
    }
    if (!word.label().isEmpty()) {
      head.append(head.isEmpty() ? "" : " ").append("\\fI" + text(word.label()) + "\\fR");
    }
    macro(head.toString());
    line(word.description().isEmpty() ? word.label() : word.description());
  }

  private void entry(Entry entry) {
    macro(".TP");
    macro("\\fB" + text(entry.name()) + "\\fR");
    line(entry.text());
  }

  private void macro(String macro) {
    page.append(macro).append('\n');
  }

  private void line(String line) {
    String text = text(line);
    page.append(text.startsWith(".") || text.startsWith("'") ? "\\&" : "").append(text);
    page.append('\n');
  }

  private static String text(String text) {
    return text.replace("\\", "\\e").replace("-", "\\-").replace("\"", "\\(dq");
  }
}
