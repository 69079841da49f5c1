package io.entrepot.gate.rules;

import io.entrepot.gate.Evidence;
import io.entrepot.gate.Findings;
import io.entrepot.gate.Judgement;
import io.entrepot.gate.Pod;
import io.entrepot.gate.Rule;
import io.entrepot.render.KubernetesObject;
import io.entrepot.render.ValuesDocument;
import io.entrepot.text.FilePosition;
import io.entrepot.yaml.Nodes;
import io.entrepot.yaml.ScalarSite;
import io.entrepot.yaml.SourceMapping;
import io.entrepot.yaml.SourceNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds URLs whose host a template left empty: in variables, arguments and ConfigMaps, and in
 * custom resources and values where a URL is the whole value.
 */
final class EmptyHost implements Judgement {

  static final Rule RULE =
      new Rule(
          "empty-host",
          "A URL whose host is empty or broken",
          "A template read a value that its scope does not have; the program calls nobody.",
          "Give the missing value (domain, host) in this target's values.");

  private static final Pattern URL =
      Pattern.compile(
          "(?<![A-Za-z0-9+.-])((?i:https?|wss?|rediss?|postgres(?:ql)?|mysql|mongodb|amqps?|nats|ldaps?)://)"
              + "([^\\s\"'`<>()\\[\\]{},;|\\\\]*)");

  private static final Pattern COMMENT = Pattern.compile("\\s*(?:#|//|;|--\\s|\\*|<!--).*");
  private static final Pattern VALUE_BEFORE = Pattern.compile("(?:^|.*[:=])\\s*[\"']?$");
  private static final Pattern VALUE_AFTER = Pattern.compile("^[\"']?\\s*[,;]?\\s*$");

  /** Kinds whose texts are about other things than what a program calls. */
  private static final Set<String> BUILT_IN =
      Set.of("CustomResourceDefinition", "Secret", "Application", "ApplicationSet");

  private record Broken(String url, int at) {}

  private record Named(String path, ScalarSite value) {}

  @Override
  public Rule rule() {
    return RULE;
  }

  @Override
  public void judge(Evidence evidence, Findings findings) {
    Set<ScalarSite> done = new LinkedHashSet<>();
    for (Pod pod : evidence.cluster().pods()) {
      for (Pod.Container container : pod.containers()) {
        for (SourceMapping variable : Nodes.mappings(container.node(), "env")) {
          if (Nodes.at(variable, "value") instanceof ScalarSite value && done.add(value)) {
            String name = String.valueOf(Nodes.text(variable, "name"));
            refuse(evidence, pod.object(), value, "the variable " + name, false, findings);
          }
        }
        for (String list : List.of("command", "args")) {
          for (SourceNode item : Nodes.items(container.node(), list)) {
            if (item instanceof ScalarSite value && done.add(value)) {
              refuse(
                  evidence,
                  pod.object(),
                  value,
                  "an argument of " + container.name(),
                  false,
                  findings);
            }
          }
        }
      }
    }
    for (KubernetesObject object : evidence.cluster().objects()) {
      if (object.kind().equals("ConfigMap") && object.group().isEmpty()) {
        Nodes.scalars(object.root(), "data")
            .forEach((key, value) -> refuse(evidence, object, value, key, false, findings));
      } else if (object.group().contains(".")
          && !object.group().endsWith(".k8s.io")
          && !BUILT_IN.contains(object.kind())) {
        for (Named named : scalars(Nodes.at(object.root(), "spec"))) {
          if (done.add(named.value())) {
            refuse(evidence, object, named.value(), "spec." + named.path(), true, findings);
          }
        }
      }
    }
    evidence.cluster().values().forEach(document -> values(document, findings));
  }

  private static List<Named> scalars(@Nullable SourceNode root) {
    List<Named> scalars = new ArrayList<>();
    if (root != null) {
      Nodes.eachMapping(
          root,
          (path, mapping) -> {
            for (SourceMapping.Entry entry : mapping.entries()) {
              if (entry.value() instanceof ScalarSite value && value.value().contains("://")) {
                scalars.add(new Named(Nodes.join(path, entry.name()), value));
              }
            }
          });
    }
    return scalars;
  }

  private static void values(ValuesDocument document, Findings findings) {
    for (Named named : scalars(document.root())) {
      broken(named.value().value(), true)
          .ifPresent(
              broken ->
                  findings.refuse(
                      document.origin().target(),
                      ValuesFiles.position(document, named.value().line()),
                      "%s: '%s' has no host".formatted(named.path(), broken.url())));
    }
  }

  private static void refuse(
      Evidence evidence,
      KubernetesObject object,
      ScalarSite value,
      String what,
      boolean whole,
      Findings findings) {
    if (!value.value().contains("://")) {
      return;
    }
    broken(value.value(), whole)
        .ifPresent(
            broken -> {
              FilePosition position =
                  evidence
                      .cluster()
                      .locator()
                      .line(object, value.lineOf(broken.at()), broken.url());
              findings.refuse(
                  object, position, null, "%s: '%s' has no host".formatted(what, broken.url()));
            });
  }

  /**
   * The first URL of a text whose host is empty or broken.
   *
   * @param whole whether only a URL that is the whole text counts
   */
  private static Optional<Broken> broken(String text, boolean whole) {
    Matcher url = URL.matcher(text);
    while (url.find()) {
      if (whole && (url.start() != 0 || url.end() != text.strip().length())) {
        return Optional.empty();
      }
      int start = text.lastIndexOf('\n', url.start()) + 1;
      int end = text.indexOf('\n', url.end());
      String before = text.substring(start, url.start());
      String after = text.substring(url.end(), end < 0 ? text.length() : end);
      if (!COMMENT.matcher(before).matches() && isBroken(url.group(2), before, after)) {
        return Optional.of(new Broken(url.group(), url.start()));
      }
    }
    return Optional.empty();
  }

  private static boolean isBroken(String rest, String before, String after) {
    int end = rest.length();
    for (char stop : new char[] {'/', '?', '#'}) {
      int at = rest.indexOf(stop);
      end = at >= 0 ? Math.min(end, at) : end;
    }
    String authority = rest.substring(0, end);
    String host = authority.substring(authority.lastIndexOf('@') + 1).replaceFirst(":[^:]*$", "");
    if (rest.isEmpty()) {
      // In a program "https://" alone is a prefix to compare with; as a value it is broken, unless
      // a bracket or brace follows, which begins an address or a placeholder.
      return VALUE_BEFORE.matcher(before).matches() && VALUE_AFTER.matcher(after).matches();
    }
    boolean opened =
        end == rest.length() && !after.isEmpty() && "[{<(".indexOf(after.charAt(0)) >= 0;
    if (opened) {
      return false;
    }
    if (host.isEmpty()) {
      // A web server's own address, as Caddy writes it.
      return !after.strip().equals("{");
    }
    if (host.indexOf('$') >= 0 || host.indexOf('%') >= 0 || host.indexOf('*') >= 0) {
      return false;
    }
    // A name that is complete may end in a dot; one label with a dot lost what should follow.
    String inner = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
    return host.startsWith(".")
        || host.contains("..")
        || (host.endsWith(".") && !inner.contains("."));
  }
}
