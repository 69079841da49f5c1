package io.entrepot.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Who may do what at the test registry, by bearer tokens, by basic authentication, or anybody. */
final class TokenService {

  /** How the registry asks who somebody is. */
  enum Scheme {
    NONE,
    BASIC,
    BEARER
  }

  /**
   * One thing that is to be done.
   *
   * @param action {@code pull}, {@code push} or {@code delete}
   */
  record Access(String repository, String action) {}

  private record Account(String user, String password) {}

  private record Grant(Set<String> access, Instant until) {}

  private final Map<String, Grant> grants = new ConcurrentHashMap<>();
  private final Clock clock;
  private volatile Scheme scheme = Scheme.NONE;
  private volatile @Nullable Account account;
  private volatile boolean anonymousPull = true;
  private volatile Duration lifetime = Duration.ofMinutes(5);
  private volatile @Nullable String realm;

  TokenService(Clock clock) {
    this.clock = clock;
  }

  void scheme(Scheme chosen) {
    scheme = chosen;
  }

  void account(String user, String password) {
    account = new Account(user, password);
  }

  void anonymousPull(boolean allowed) {
    anonymousPull = allowed;
  }

  void lifetime(Duration duration) {
    lifetime = duration;
  }

  void realm(String address) {
    realm = address;
  }

  void revokeAll() {
    grants.clear();
  }

  /** The refusal, or null where the request may go on. */
  @Nullable Response challenge(RecordedRequest request, List<Access> wanted, String origin) {
    return switch (scheme) {
      case NONE -> null;
      case BASIC -> basicChallenge(request, wanted);
      case BEARER -> bearerChallenge(request, wanted, origin);
    };
  }

  private @Nullable Response basicChallenge(RecordedRequest request, List<Access> wanted) {
    String authorization = request.authorization();
    boolean pullsOnly = wanted.stream().allMatch(access -> access.action().equals("pull"));
    boolean allowed =
        authorization == null
            ? anonymousPull && pullsOnly && !wanted.isEmpty()
            : isAccount(authorization);
    return allowed ? null : unauthorized("Basic realm=\"test registry\"");
  }

  private @Nullable Response bearerChallenge(
      RecordedRequest request, List<Access> wanted, String origin) {
    String authorization = request.authorization();
    String error = "";
    if (authorization != null && authorization.regionMatches(true, 0, "Bearer ", 0, 7)) {
      Grant grant = grants.get(authorization.substring(7));
      if (grant == null || !grant.until().isAfter(clock.instant())) {
        error = ",error=\"invalid_token\"";
      } else if (wanted.stream()
          .allMatch(a -> grant.access().contains(a.repository() + ":" + a.action()))) {
        return null;
      } else {
        error = ",error=\"insufficient_scope\"";
      }
    }
    String scope =
        wanted.stream()
            .collect(
                Collectors.groupingBy(
                    Access::repository,
                    Collectors.mapping(Access::action, Collectors.joining(","))))
            .entrySet()
            .stream()
            .map(entry -> "repository:" + entry.getKey() + ":" + entry.getValue())
            .sorted()
            .collect(Collectors.joining(" "));
    String address = realm == null ? origin + "/token" : realm;
    return unauthorized(
        "Bearer realm=\"%s\",service=\"test-registry\"%s%s"
            .formatted(address, scope.isEmpty() ? "" : ",scope=\"" + scope + "\"", error));
  }

  /** The token endpoint: GET with basic authentication or none, POST as OAuth 2. */
  Response token(RecordedRequest request, InputStream body) throws IOException {
    boolean form = request.method().equals("POST");
    if (!form && !request.method().equals("GET")) {
      return Response.error(405, "UNSUPPORTED", "GET or POST");
    }
    String parameters = form ? new String(body.readAllBytes(), UTF_8) : request.query();
    String authorization = request.authorization();
    boolean known;
    if (form) {
      known = isAccountForm(parameters);
      if (!known) {
        return Response.error(401, "UNAUTHORIZED", "incorrect username or password");
      }
    } else {
      known = authorization != null && isAccount(authorization);
      if (authorization != null && !known) {
        return Response.error(401, "UNAUTHORIZED", "incorrect username or password");
      }
    }
    Set<String> access = new TreeSet<>();
    for (String scopes : Queries.values(parameters, "scope")) {
      for (String scope : List.of(scopes.split(" ", -1))) {
        grant(scope, known, access);
      }
    }
    String token = UUID.randomUUID().toString();
    grants.put(token, new Grant(access, clock.instant().plus(lifetime)));
    String name = form ? "access_token" : "token";
    String refresh = form && known ? ",\"refresh_token\":\"refresh-" + token + "\"" : "";
    return Response.of(
        200,
        "application/json",
        "{\"%s\":\"%s\",\"expires_in\":%d,\"issued_at\":\"%s\"%s}"
            .formatted(name, token, lifetime.toSeconds(), clock.instant(), refresh)
            .getBytes(UTF_8));
  }

  private void grant(String scope, boolean known, Set<String> access) {
    int first = scope.indexOf(':');
    int last = scope.lastIndexOf(':');
    if (first < 0 || first == last || !scope.startsWith("repository:")) {
      return;
    }
    String repository = scope.substring(first + 1, last);
    for (String action : List.of(scope.substring(last + 1).split(",", -1))) {
      boolean allowed = known || account == null || (action.equals("pull") && anonymousPull);
      if (allowed) {
        for (String one :
            action.equals("*") ? List.of("pull", "push", "delete") : List.of(action)) {
          access.add(repository + ":" + one);
        }
      }
    }
  }

  private boolean isAccount(String authorization) {
    Account wanted = account;
    if (wanted == null) {
      return true;
    }
    String pair = wanted.user() + ":" + wanted.password();
    return authorization.equals(
        "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(UTF_8)));
  }

  private boolean isAccountForm(@Nullable String form) {
    Account wanted = account;
    if (wanted == null) {
      return true;
    }
    return switch (Queries.value(form, "grant_type")) {
      case "password" ->
          wanted.user().equals(Queries.value(form, "username"))
              && wanted.password().equals(Queries.value(form, "password"));
      // An identity token, as docker login keeps it: the account's password stands for it.
      case "refresh_token" -> {
        String refresh = Queries.value(form, "refresh_token");
        yield wanted.password().equals(refresh)
            || (refresh != null && refresh.startsWith("refresh-"));
      }
      case null, default -> false;
    };
  }

  private static Response unauthorized(String challenge) {
    return Response.error(401, "UNAUTHORIZED", "authentication required")
        .header("WWW-Authenticate", challenge);
  }
}
