package io.entrepot.notify;

import io.entrepot.yaml.YamlValue;
import io.entrepot.yaml.YamlValue.YamlProperties;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads {@code notify:} of proxy.yaml and mirror.yaml. */
public final class NotifyReader {

  private static final String GITHUB = "https://api.github.com";

  private final Function<String, @Nullable String> environment;

  /**
   * @param environment a variable's value, or null: a job at GitHub finds its API and its commit
   *     there
   */
  public NotifyReader(Function<String, @Nullable String> environment) {
    this.environment = environment;
  }

  /** The sinks; what is wrong with one is a problem of the document. */
  public List<Sink> read(YamlValue list) {
    List<Sink> sinks = new ArrayList<>();
    for (YamlValue item : list.items()) {
      sink(item, sinks.size() + 1).ifPresent(sinks::add);
    }
    return sinks;
  }

  private Optional<Sink> sink(YamlValue item, int number) {
    if (item.has("teams")) {
      YamlProperties sink = item.properties("teams", "on");
      return address(sink, "teams")
          .map(address -> new Sink.Teams("teams #" + number, address, on(sink)));
    }
    if (item.has("slack")) {
      YamlProperties sink = item.properties("slack", "on");
      return address(sink, "slack")
          .map(address -> new Sink.Slack("slack #" + number, address, on(sink)));
    }
    if (item.has("webhook")) {
      YamlProperties sink = item.properties("webhook", "secret", "on");
      String secret = sink.find("secret").flatMap(YamlValue::secret).orElse("");
      return address(sink, "webhook")
          .map(address -> new Sink.Webhook("webhook #" + number, address, secret, on(sink)));
    }
    if (item.has("github")) {
      return github(item.properties("github", "as", "token", "on"), number);
    }
    item.problem("names no sink; known are teams, slack, webhook and github");
    return Optional.empty();
  }

  private Optional<Sink> github(YamlProperties sink, int number) {
    Optional<String> repository =
        sink.require("github")
            .flatMap(
                value ->
                    value.parsed(
                        text -> {
                          if (!text.matches("[A-Za-z0-9._-]+/[A-Za-z0-9._-]+")) {
                            throw new IllegalArgumentException(
                                "not a repository: '%s' (expected OWNER/REPO)".formatted(text));
                          }
                          return text;
                        }));
    Optional<String> token = sink.require("token").flatMap(YamlValue::secret);
    boolean status =
        sink.find("as")
            .flatMap(
                value ->
                    value.parsed(
                        text -> {
                          if (!Set.of("issue", "status").contains(text)) {
                            throw new IllegalArgumentException(
                                "not a form: '%s' (expected issue or status)".formatted(text));
                          }
                          return text;
                        }))
            .orElse("issue")
            .equals("status");
    String commit = status ? variable("GITHUB_SHA") : "";
    if (status && commit.isEmpty()) {
      sink.find("as")
          .ifPresent(
              value ->
                  value.problem(
                      "a status belongs to a commit, and GITHUB_SHA names none: only jobs at GitHub have one; elsewhere as: issue"));
      return Optional.empty();
    }
    String api = variable("GITHUB_API_URL");
    Set<EventKind> on = on(sink);
    if (repository.isEmpty() || token.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new Sink.Github(
            "github #" + number,
            URI.create(api.isEmpty() ? GITHUB : api),
            repository.get(),
            token.get(),
            commit,
            on));
  }

  private String variable(String name) {
    String value = environment.apply(name);
    return value == null ? "" : value;
  }

  private static Optional<URI> address(YamlProperties sink, String key) {
    return sink.require(key)
        .flatMap(
            value -> {
              // Who has the address of a channel may write into it.
              value.secret();
              return value.parsed(NotifyReader::address);
            });
  }

  /** The address to the letter; the message quotes nothing of it. */
  private static URI address(String text) {
    try {
      URI address = new URI(text);
      boolean secure = "https".equals(address.getScheme());
      if (address.getHost() == null
          || !(secure || ("http".equals(address.getScheme()) && isLoopback(address.getHost())))) {
        throw new IllegalArgumentException(
            "not an address that is told anything: https://, or http:// on this machine");
      }
      return address;
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("not an address", e);
    }
  }

  private static boolean isLoopback(String host) {
    if (host.equals("localhost") || host.endsWith(".localhost")) {
      return true;
    }
    try {
      return InetAddress.ofLiteral(host.replaceAll("[\\[\\]]", "")).isLoopbackAddress();
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static Set<EventKind> on(YamlProperties sink) {
    Set<EventKind> wanted = EnumSet.noneOf(EventKind.class);
    sink.find("on")
        .ifPresent(
            list ->
                list.items().forEach(item -> item.parsed(EventKind::of).ifPresent(wanted::add)));
    return wanted.isEmpty() ? EnumSet.allOf(EventKind.class) : wanted;
  }
}
