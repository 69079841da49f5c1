package io.entrepot.gate.rules;

import io.entrepot.gate.Evidence;
import io.entrepot.gate.Findings;
import io.entrepot.gate.Judgement;
import io.entrepot.gate.Pod;
import io.entrepot.gate.Rule;
import io.entrepot.render.KubernetesObject;
import io.entrepot.text.FilePosition;
import io.entrepot.yaml.Nodes;
import io.entrepot.yaml.ScalarSite;
import io.entrepot.yaml.SourceMapping;
import io.entrepot.yaml.SourceNode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds jobs and init containers that fetch their tools when they run: package managers, and
 * downloads of programs from outside of the cluster. A request to a service is none.
 */
final class RuntimeDownload implements Judgement {

  static final Rule RULE =
      new Rule(
          "runtime-download",
          "A job that downloads its tools when it runs",
          "It fails with the network, and what it gets is neither pinned nor mirrored.",
          "Use an image that has the tool, or compose one in mirror.yaml: - compose: { base: IMAGE, add: [{ image: TOOL, path: /PATH, to: /usr/local/bin/TOOL }] }, target: COPY:TAG.");

  private static final String START = "(?:^|[\\s;&|(`\"'])(?:sudo\\s+)?(?:/usr/bin/|/bin/)?";

  private static final Pattern INSTALL =
      Pattern.compile(
          START
              + "((?:apt-get|apt|yum|dnf|microdnf|zypper)\\s+(?:-\\S+\\s+)*install"
              + "|apk\\s+(?:-\\S+\\s+)*add"
              + "|(?:pip|pip3|python3?\\s+-m\\s+pip)\\s+(?:-\\S+\\s+)*install"
              + "|npm\\s+(?:-\\S+\\s+)*(?:install|i|ci)\\b|npx\\s+|yarn\\s+(?:global\\s+)?add|pnpm\\s+add"
              + "|gem\\s+install|go\\s+install\\s+\\S+@|cargo\\s+install"
              + "|kubectl\\s+krew\\s+install|helm\\s+repo\\s+add|helm\\s+plugin\\s+install)");

  private static final Pattern FETCH =
      Pattern.compile(START + "(curl|wget|aria2c)(\\s[^\\n;&|]*)((?:\\|[^\\n;&]*)?)");

  private static final Pattern APPLY =
      Pattern.compile(
          START
              + "(kubectl\\s[^\\n;&|]*(?:-f|--filename|-k)[=\\s]+[\"']?(https?://[^\\s\"';|&]+))");

  private static final Pattern URL = Pattern.compile("https?://([^\\s\"'`)>;|]+)");

  private static final Pattern PROGRAM =
      Pattern.compile(
          "(?i).*(?:\\.(?:tar|t?gz|tgz|tbz|xz|zip|deb|rpm|apk|jar|war|sh|py|bin|exe|whl)(?:[?#].*)?$"
              + "|/releases?/|/downloads?(?:/|$)|/bin/|dl\\.k8s\\.io|get\\.helm\\.sh|raw\\.githubusercontent\\.com"
              + "|storage\\.googleapis\\.com|install(?:er)?(?:\\.sh)?$).*");

  private static final Pattern TO_FILE =
      Pattern.compile(
          "\\s-[a-zA-Z]*[oO]\\b|\\s--(?:output|remote-name|output-document)\\b|>\\s*\\S");

  private static final Pattern TO_PROGRAM =
      Pattern.compile(
          "\\|\\s*(?:sudo\\s+)?(?:ba|da|z)?sh\\b|\\|\\s*(?:tar|gunzip|unzip|python3?|node)\\b");

  private static final Pattern TO_NOWHERE =
      Pattern.compile(
          "\\s(?:-o|-O|--output|--output-document)[=\\s]*(?:/dev/(?:null|stdout)|-)(?:\\s|$)|>\\s*/dev/null|--spider|\\s-X\\s|\\s-I\\b|\\s-qO-");

  private static final Pattern VARIABLE =
      Pattern.compile(
          "\\$\\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?}|\\$\\(?([A-Za-z_][A-Za-z0-9_]*)\\)?");

  private static final Pattern ASSIGNMENT =
      Pattern.compile(
          "(?m)(?:^|[\\s;&])(?:export\\s+)?([A-Za-z_][A-Za-z0-9_]*)=[\"']?([^\"'\\s;]+)");

  private static final Pattern COMMENT = Pattern.compile("(?m)^\\s*#[^\\n]*$");
  private static final Pattern CONTINUED = Pattern.compile("\\\\\\r?\\n\\s*");

  @Override
  public Rule rule() {
    return RULE;
  }

  @Override
  public void judge(Evidence evidence, Findings findings) {
    for (Pod pod : evidence.cluster().pods()) {
      for (Pod.Container container : pod.containers()) {
        if (pod.isJob() || container.init()) {
          judge(evidence, container, findings);
        }
      }
    }
  }

  private static void judge(Evidence evidence, Pod.Container container, Findings findings) {
    List<ScalarSite> words = new ArrayList<>();
    for (String list : List.of("command", "args")) {
      for (SourceNode item : Nodes.items(container.node(), list)) {
        if (item instanceof ScalarSite scalar) {
          words.add(scalar);
        }
      }
    }
    if (words.isEmpty()) {
      return;
    }
    StringBuilder joined = new StringBuilder();
    for (ScalarSite word : words) {
      // A script begins on a line of its own, as its comments and assignments do.
      joined.append(word.value().indexOf('\n') >= 0 ? '\n' : ' ').append(word.value());
    }
    String command = joined.toString();
    Optional<String> found = download(command, container);
    if (found.isPresent()) {
      refuse(evidence, container, words, found.get(), findings);
    } else {
      mounted(evidence, container, command, findings);
    }
  }

  private static void refuse(
      Evidence evidence,
      Pod.Container container,
      List<ScalarSite> words,
      String what,
      Findings findings) {
    String telling = what.strip();
    ScalarSite word =
        words.stream()
            .filter(each -> each.value().contains(telling))
            .findFirst()
            .orElse(words.getFirst());
    refuse(
        evidence,
        container,
        container.pod().object(),
        word,
        telling,
        message(container, what),
        findings);
  }

  private static void refuse(
      Evidence evidence,
      Pod.Container container,
      KubernetesObject object,
      ScalarSite text,
      String telling,
      String message,
      Findings findings) {
    int at = text.value().indexOf(telling);
    FilePosition position =
        evidence.cluster().locator().line(object, at < 0 ? text.line() : text.lineOf(at), telling);
    findings.refuse(object, position, Nodes.text(container.node(), "image"), message);
  }

  private static String message(Pod.Container container, String what) {
    return "%s '%s' fetches its tools when it runs: %s"
        .formatted(
            container.init() ? "the init container" : "the container",
            container.name(),
            what.strip());
  }

  /** Scripts out of ConfigMaps that the command runs. */
  private static void mounted(
      Evidence evidence, Pod.Container container, String command, Findings findings) {
    KubernetesObject object = container.pod().object();
    for (SourceMapping mount : Nodes.mappings(container.node(), "volumeMounts")) {
      String path = Nodes.text(mount, "mountPath");
      String name = Nodes.text(mount, "name");
      for (SourceMapping volume : Nodes.mappings(container.pod().spec(), "volumes")) {
        String map = Nodes.text(volume, "configMap", "name");
        if (path != null
            && map != null
            && command.contains(path)
            && Objects.equals(name, Nodes.text(volume, "name"))) {
          evidence
              .cluster()
              .index()
              .find(object.origin().target(), "ConfigMap", object.namespace(), map)
              .ifPresent(scripts -> scripts(evidence, container, scripts, command, findings));
        }
      }
    }
  }

  private static void scripts(
      Evidence evidence,
      Pod.Container container,
      KubernetesObject scripts,
      String command,
      Findings findings) {
    Nodes.scalars(scripts.root(), "data")
        .forEach(
            (file, text) -> {
              if (command.contains(file)) {
                download(text.value(), container)
                    .ifPresent(
                        what ->
                            refuse(
                                evidence,
                                container,
                                scripts,
                                text,
                                what.strip(),
                                message(container, what) + " (script " + file + ")",
                                findings));
              }
            });
  }

  /** The command that downloads, or nothing. */
  static Optional<String> download(String text, Pod.Container container) {
    String script = CONTINUED.matcher(COMMENT.matcher(text).replaceAll("")).replaceAll(" ");
    Matcher install = INSTALL.matcher(script);
    if (install.find()) {
      return Optional.of(install.group(1));
    }
    Map<String, String> assigned = new HashMap<>();
    Matcher assignment = ASSIGNMENT.matcher(script);
    while (assignment.find()) {
      assigned.put(assignment.group(1), assignment.group(2));
    }
    Matcher apply = APPLY.matcher(filled(script, assigned, container));
    if (apply.find() && external(apply.group(2))) {
      return Optional.of(apply.group(2));
    }
    Matcher fetch = FETCH.matcher(script);
    while (fetch.find()) {
      String options = filled(fetch.group(2), assigned, container);
      Matcher url = URL.matcher(options);
      boolean wget = !fetch.group(1).equals("curl");
      while (url.find()) {
        String address = url.group();
        boolean kept =
            TO_PROGRAM.matcher(fetch.group(3)).find()
                || (!TO_NOWHERE.matcher(options).find()
                    && (wget || TO_FILE.matcher(options).find()));
        if (external(address) && (kept || PROGRAM.matcher(address).matches())) {
          return Optional.of(fetch.group(1) + fetch.group(2).stripTrailing());
        }
      }
    }
    return Optional.empty();
  }

  private static String filled(String text, Map<String, String> assigned, Pod.Container container) {
    String result = text;
    for (int i = 0; i < 3 && result.indexOf('$') >= 0; i++) {
      result =
          VARIABLE
              .matcher(result)
              .replaceAll(
                  use ->
                      Matcher.quoteReplacement(
                          value(
                              use.group(1) == null ? use.group(3) : use.group(1),
                              use.group(2),
                              use.group(),
                              assigned,
                              container)));
    }
    return result;
  }

  private static String value(
      String name,
      @Nullable String fallback,
      String written,
      Map<String, String> assigned,
      Pod.Container container) {
    String known = assigned.get(name);
    if (known == null) {
      known = container.variable(name);
    }
    return known != null ? known : fallback != null ? fallback : written;
  }

  /** Whether a URL leads out of the cluster. */
  static boolean external(String url) {
    Matcher matcher = URL.matcher(url);
    if (!matcher.find()) {
      return false;
    }
    String host = matcher.group(1).replaceFirst("[/?#].*", "").replaceFirst("^.*@", "");
    String name = host.replaceFirst(":\\d*$", "");
    return name.contains(".")
        && !name.contains("$")
        && !name.contains("{")
        && !name.matches("[0-9.]+")
        && !name.matches(".*\\.(?:svc|local|internal|localdomain|localhost|lan|home|test)\\.?")
        && !name.matches(".*\\.svc\\..*")
        && !name.startsWith("localhost");
  }
}
