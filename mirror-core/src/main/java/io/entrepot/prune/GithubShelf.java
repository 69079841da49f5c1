package io.entrepot.prune;

import io.entrepot.concurrent.Parallel;
import io.entrepot.oci.Digest;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.RegistryName;
import io.entrepot.oci.Repository;
import io.entrepot.oci.Tag;
import io.entrepot.registry.ErrorCode;
import io.entrepot.registry.RegistryClient;
import io.entrepot.registry.RegistryException;
import io.entrepot.registry.RestAnswer;
import io.entrepot.registry.RestRequest;
import io.entrepot.registry.auth.Secret;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * GHCR by GitHub's REST API for packages: a version is a manifest, with its tags. GHCR itself
 * answers 405 to DELETE.
 */
final class GithubShelf implements Shelf {

  private static final int MAX_TRIES = 6;
  private static final int MAX_PAGES = 2_000;
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(15);
  private static final Duration UNSAID_WAIT = Duration.ofMinutes(1);
  private static final Pattern NEXT = Pattern.compile("<([^>]+)>\\s*;[^,]*rel=\"?next\"?");

  private final RegistryClient client;
  private final RegistryName registry;
  private final URI api;
  private final @Nullable Secret authorization;
  private final Clock clock;
  private final Map<String, String> owners = new ConcurrentHashMap<>();

  /**
   * @param api without a slash at its end
   * @param token of somebody who may administrate the packages, or null
   */
  GithubShelf(
      RegistryClient client, RegistryName registry, URI api, @Nullable Secret token, Clock clock) {
    this.client = client;
    this.registry = registry;
    this.api = api;
    this.authorization = token == null ? null : new Secret("Bearer " + token.reveal());
    this.clock = clock;
  }

  @Override
  public List<Held> list(Repository repository) {
    List<Held> held = new ArrayList<>();
    Optional<URI> next =
        Optional.of(at(packageOf(repository) + "/versions?per_page=100&state=active"));
    for (int page = 0; next.isPresent(); page++) {
      if (page >= MAX_PAGES) {
        throw failure(ErrorCode.CORRUPT, next.get(), "a list of endless pages");
      }
      URI address = next.get();
      RestAnswer answer = ask("GET", address);
      if (answer.status() == 404 && page == 0) {
        requireAbsent(repository, address, answer);
        return List.of();
      }
      if (answer.status() != 200) {
        throw refused("GET", address, answer);
      }
      for (JsonNode each : json(address, answer)) {
        version(each).ifPresent(held::add);
      }
      next = next(address, answer);
    }
    return held;
  }

  /** What a token may not see is answered with 404 as well. */
  private void requireAbsent(Repository repository, URI address, RestAnswer answer) {
    boolean there;
    try {
      there = !client.tags(repository).await().isEmpty();
    } catch (RegistryException e) {
      if (!e.code().isAbsence()) {
        throw e;
      }
      there = false;
    }
    if (there) {
      throw RegistryException.of(
              ErrorCode.DENIED,
              "GET " + address,
              "answered %d, and the registry has the package: the token lacks read:packages"
                  .formatted(answer.status()))
          .withStatus(answer.status());
    }
  }

  private static Optional<Held> version(JsonNode node) {
    try {
      TreeSet<Tag> tags = new TreeSet<>();
      for (JsonNode tag : node.path("metadata").path("container").path("tags")) {
        tags.add(new Tag(tag.asString("")));
      }
      return Optional.of(
          new Held(
              Digest.parse(node.path("name").asString("")),
              tags,
              time(node, "updated_at").or(() -> time(node, "created_at")),
              node.path("id").asLong(0)));
    } catch (MalformedException e) {
      throw RegistryException.of(
          ErrorCode.CORRUPT, "a version that is no manifest: " + e.getMessage());
    }
  }

  private static Optional<Instant> time(JsonNode node, String field) {
    try {
      return Optional.of(Instant.parse(node.path(field).asString("")));
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  @Override
  public boolean listsAll() {
    return true;
  }

  @Override
  public Optional<String> forbidden(Repository repository) {
    URI address = at(packageOf(repository));
    RestAnswer answer = ask("GET", address);
    if (answer.status() != 200) {
      return Optional.of(String.valueOf(refused("GET", address, answer).getMessage()));
    }
    Optional<String> scopes = answer.header("X-OAuth-Scopes");
    boolean scoped =
        scopes.isEmpty()
            || scopes.get().isBlank()
            || List.of(scopes.get().split(",\\s*")).contains("delete:packages");
    JsonNode json = json(address, answer);
    boolean denied =
        isFalse(json.path("permissions").path("admin"))
            || isFalse(json.path("repository").path("permissions").path("admin"));
    if (!scoped || denied) {
      return Optional.of(
          "the token may not delete versions of %s: that needs the role admin of the package%s"
              .formatted(repository, scoped ? "" : ", and the scope delete:packages"));
    }
    return Optional.empty();
  }

  private static boolean isFalse(JsonNode node) {
    return node.isBoolean() && !node.asBoolean();
  }

  @Override
  public Removal remove(Repository repository, Held manifest) {
    URI address = at(packageOf(repository) + "/versions/" + manifest.version());
    RestAnswer answer = ask("DELETE", address);
    if (answer.status() == 400 && answer.text().toLowerCase(Locale.ROOT).contains("last tagged")) {
      return Removal.LAST;
    }
    if (answer.status() != 204 && answer.status() != 200 && answer.status() != 404) {
      throw refused("DELETE", address, answer);
    }
    return Removal.DONE;
  }

  @Override
  public boolean removeWhole(Repository repository) {
    URI address = at(packageOf(repository));
    RestAnswer answer = ask("DELETE", address);
    if (answer.status() != 204 && answer.status() != 200 && answer.status() != 404) {
      throw refused("DELETE", address, answer);
    }
    return true;
  }

  /** {@code /orgs/acme/packages/container/mirror%2Fredis}. */
  private String packageOf(Repository repository) {
    String path = repository.path();
    int slash = path.indexOf('/');
    if (slash < 0) {
      throw RegistryException.of(
          ErrorCode.NAME_INVALID, repository + " has no owner: it is no package of GitHub");
    }
    String owner = path.substring(0, slash);
    String name = URLEncoder.encode(path.substring(slash + 1), StandardCharsets.UTF_8);
    return "%s/%s/packages/container/%s"
        .formatted(owners.computeIfAbsent(owner, this::kindOf), owner, name);
  }

  /** Whether an owner is an organization or a user. */
  private String kindOf(String owner) {
    URI address = at("/users/" + owner);
    RestAnswer answer = ask("GET", address);
    if (answer.status() == 404) {
      return "/orgs";
    }
    if (answer.status() != 200) {
      throw refused("GET", address, answer);
    }
    return json(address, answer).path("type").asString("").equals("User") ? "/users" : "/orgs";
  }

  private URI at(String path) {
    return URI.create(api + path);
  }

  private Optional<URI> next(URI from, RestAnswer answer) {
    Matcher link = NEXT.matcher(answer.header("Link").orElse(""));
    if (!link.find()) {
      return Optional.empty();
    }
    URI next = from.resolve(link.group(1));
    boolean same =
        String.valueOf(next.getScheme()).equals(from.getScheme())
            && String.valueOf(next.getRawAuthority()).equals(from.getRawAuthority());
    if (!same || next.equals(from)) {
      throw failure(ErrorCode.REFUSED, from, "the next page is at " + next + ", refused");
    }
    return Optional.of(next);
  }

  private static JsonNode json(URI address, RestAnswer answer) {
    try {
      return JsonMapper.shared().readTree(answer.text());
    } catch (JacksonException e) {
      throw failure(ErrorCode.CORRUPT, address, "not JSON: " + e.getOriginalMessage());
    }
  }

  /** Asks; waits where the API says so, and tries again where it fails for a moment. */
  private RestAnswer ask(String method, URI address) {
    for (int number = 1; ; number++) {
      RestAnswer answer =
          client.ask(new RestRequest(registry, method, address, authorization)).await();
      Optional<Duration> wait = wait(address, answer);
      if (wait.isEmpty() || number >= MAX_TRIES) {
        return answer;
      }
      sleep(wait.get());
    }
  }

  /** How long to wait before the same question is asked again; empty where the answer stands. */
  private Optional<Duration> wait(URI address, RestAnswer answer) {
    if (answer.status() >= 500) {
      return Optional.of(Duration.ofMillis(500));
    }
    if (answer.status() != 403 && answer.status() != 429) {
      return Optional.empty();
    }
    Optional<Duration> asked = answer.header("Retry-After").flatMap(this::seconds);
    if (asked.isPresent()) {
      if (asked.get().compareTo(LONGEST_WAIT) > 0) {
        throw usedUp(address, "it asks to wait for %d s".formatted(asked.get().toSeconds()));
      }
      return asked;
    }
    if (answer
        .header("X-RateLimit-Remaining")
        .filter(left -> left.strip().equals("0"))
        .isPresent()) {
      throw usedUp(address, "the limit of requests an hour is used up");
    }
    boolean secondary =
        answer.status() == 429
            || answer.text().toLowerCase(Locale.ROOT).contains("secondary rate limit");
    return secondary ? Optional.of(UNSAID_WAIT) : Optional.empty();
  }

  private Optional<Duration> seconds(String header) {
    String text = header.strip();
    if (text.matches("[0-9]{1,7}")) {
      return Optional.of(Duration.ofSeconds(Long.parseLong(text)));
    }
    try {
      Instant until = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      Duration left = Duration.between(clock.instant(), until);
      return Optional.of(left.isNegative() ? Duration.ZERO : left);
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  private static void sleep(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      throw Parallel.interrupted();
    }
  }

  private static RegistryException usedUp(URI address, String why) {
    return failure(ErrorCode.PULL_LIMIT, address, why)
        .withRemedy("run again later: what is removed by then is not removed again");
  }

  private static RegistryException refused(String method, URI address, RestAnswer answer) {
    String said = answer.text();
    try {
      said = JsonMapper.shared().readTree(said).path("message").asString(said);
    } catch (JacksonException e) {
      said = said.substring(0, Math.min(200, said.length()));
    }
    return RegistryException.of(
            answer.status() == 401 ? ErrorCode.UNAUTHORIZED : ErrorCode.DENIED,
            method + " " + address,
            "answered %d: %s".formatted(answer.status(), said))
        .withStatus(answer.status())
        .withRemedy(
            answer.status() == 401 || answer.status() == 403
                ? "give a token with read:packages and delete:packages whose owner is admin of the"
                    + " package: GITHUB_TOKEN, or the login for the registry"
                : null);
  }

  private static RegistryException failure(ErrorCode code, URI address, String why) {
    return RegistryException.of(code, "GET " + address, why);
  }
}
