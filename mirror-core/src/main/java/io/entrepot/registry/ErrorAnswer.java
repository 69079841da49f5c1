package io.entrepot.registry;

import io.entrepot.oci.RegistryName;
import io.entrepot.registry.auth.Origin;
import io.vertx.core.MultiMap;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** An answer that is not the wanted one, turned into words. */
final class ErrorAnswer {

  /** No error needs more; what is beyond is not read. */
  static final int MAX_BYTES = 64 * 1024;

  private static final Duration MINUTE = Duration.ofMinutes(1);

  private ErrorAnswer() {}

  /**
   * @param from where the answer came from, to which a redirect may have led
   */
  static RegistryException of(
      RegistryRequest request,
      Origin from,
      int status,
      MultiMap headers,
      byte[] body,
      Clock clock) {
    String said = said(body);
    String lower = said.toLowerCase(Locale.ROOT);
    ErrorCode code = code(request, status, headers, body, lower);
    Duration retryAfter = RetryAfter.parse(headers.get("Retry-After"), said, clock);
    boolean elsewhere = !from.equals(request.target().origin());
    String message =
        status
            + " "
            + (said.isEmpty() ? plainWords(status, request) : said)
            + (elsewhere ? " (said by " + from + ", to which the registry redirects)" : "");
    return request
        .failure(code, message)
        .withStatus(status)
        .withRetryAfter(retryAfter)
        .withRemedy(elsewhere ? elsewhere(code) : remedy(request, code, lower, retryAfter));
  }

  /** Our account has no part in what another server says. */
  private static @Nullable String elsewhere(ErrorCode code) {
    return code == ErrorCode.UNAUTHORIZED || code == ErrorCode.DENIED
        ? "the address that the registry gave is refused, also when asked for anew: look at the"
            + " clock of this machine, and at firewalls and proxies on the way to that server"
        : null;
  }

  /** A HEAD has no body: what its status means. */
  private static String plainWords(int status, RegistryRequest request) {
    return switch (status) {
      case 401 -> "not authorized";
      case 403 -> "not allowed";
      case 404 ->
          request.kind() == Kind.MANIFEST ? "no such tag, digest or repository" : "nothing there";
      case 405 -> "not offered";
      case 429 -> "too many requests";
      default -> status >= 500 ? "the registry is in trouble" : "refused";
    };
  }

  private static ErrorCode code(
      RegistryRequest request, int status, MultiMap headers, byte[] body, String said) {
    switch (status) {
      case 401 -> {
        // Harbor before 2.8 answers so for the referrers API, which it does not have.
        boolean noSuchApi =
            request.kind() == Kind.REFERRERS && !headers.contains("WWW-Authenticate");
        return noSuchApi ? ErrorCode.UNSUPPORTED : ErrorCode.UNAUTHORIZED;
      }
      case 403 -> {
        return ErrorCode.DENIED;
      }
      case 404 -> {
        ErrorCode stated = stated(body);
        return stated == ErrorCode.UNKNOWN ? request.kind().absence() : stated;
      }
      case 405, 501 -> {
        return ErrorCode.UNSUPPORTED;
      }
      case 408, 504 -> {
        return ErrorCode.TIMEOUT;
      }
      case 413 -> {
        return ErrorCode.SIZE_INVALID;
      }
      case 416 -> {
        return ErrorCode.RANGE_INVALID;
      }
      case 429 -> {
        return isPullLimit(headers, said) ? ErrorCode.PULL_LIMIT : ErrorCode.TOOMANYREQUESTS;
      }
      default -> {
        return status >= 500 ? ErrorCode.UNAVAILABLE : stated(body);
      }
    }
  }

  /**
   * Docker Hub answers 429 for two reasons. A used-up quota names the pull rate limit, and its
   * remaining pulls are none; too many requests a minute is plain text with {@code Retry-After}.
   */
  private static boolean isPullLimit(MultiMap headers, String said) {
    if (said.contains("pull rate limit")) {
      return true;
    }
    return RateLimit.parse(headers.get("ratelimit-limit"), headers.get("ratelimit-remaining"), null)
        .filter(limit -> limit.remaining() == 0)
        .isPresent();
  }

  private static @Nullable String remedy(
      RegistryRequest request, ErrorCode code, String said, @Nullable Duration retryAfter) {
    RegistryName registry = request.registry();
    boolean github = registry.value().equals("ghcr.io") || registry.value().endsWith(".ghcr.io");
    boolean write = request.isWrite();
    boolean refused = code == ErrorCode.UNAUTHORIZED || code == ErrorCode.DENIED;
    if (refused && request.kind() == Kind.UPLOAD && !request.authorized()) {
      return "the registry sent the upload to %s, another origin than its own, to which no credential"
              .formatted(request.target().origin())
          + " of ours goes: set the registry's external address, or give registries: %s: endpoints:"
              .formatted(registry)
          + " as it names itself";
    }
    return switch (code) {
      case SIZE_INVALID ->
          "the registry, or a proxy in front of it, takes less in one request: nginx and Kubernetes"
              + " ingresses take 1 MiB unless client_max_body_size or proxy-body-size says more";
      case UNAUTHORIZED ->
          "log in (docker login %s), or give registries: %s: credentials; a repository that does not"
                  .formatted(registry, registry)
              + " exist is answered the same way";
      case DENIED -> {
        if (write && (github || said.contains("write_package"))) {
          yield "the token may not write this package: it needs write:packages (in a workflow,"
              + " permissions: packages: write), and an existing package must be linked to the"
              + " repository (package settings, Manage Actions access, Add repository, role Write)";
        }
        yield "the account of this token may not %s here".formatted(write ? "push" : "pull");
      }
      case PULL_LIMIT ->
          "the quota of pulls is used up: run again when its window has moved on, or log in"
              + " (docker login %s) for a larger quota".formatted(registry);
      case MANIFEST_UNKNOWN, NAME_UNKNOWN ->
          switch (request.kind()) {
            case TAGS ->
                "check the spelling of the repository; many registries answer the same way for one"
                    + " that needs a login (docker login %s)".formatted(registry);
            case FILE -> "check the address, and the name and version of the chart";
            default -> "check the spelling; entrepot tags lists the tags of a repository";
          };
      case TOOMANYREQUESTS ->
          retryAfter != null && retryAfter.compareTo(MINUTE) > 0
              ? "the registry asks for no more requests for %d minutes: run again then"
                  .formatted(retryAfter.plus(MINUTE).minusNanos(1).toMinutes())
              : "too many requests at once: wait, or use fewer --jobs";
      default -> null;
    };
  }

  private static ErrorCode stated(byte[] body) {
    JsonNode error = firstError(body);
    return error == null ? ErrorCode.UNKNOWN : ErrorCode.parse(error.path("code").asString(""));
  }

  /** Code and message of the first error in the body, or the start of a plain text. */
  private static String said(byte[] body) {
    JsonNode error = firstError(body);
    String text;
    if (error != null) {
      text = (error.path("code").asString("") + " " + error.path("message").asString("")).strip();
    } else {
      text = new String(body, StandardCharsets.UTF_8);
      if (text.stripLeading().startsWith("<")) {
        text = "(a web page)";
      }
    }
    text = text.replaceAll("\\p{C}+", " ").strip();
    return text.length() > 300 ? text.substring(0, 297) + "..." : text;
  }

  private static @Nullable JsonNode firstError(byte[] body) {
    if (body.length == 0 || body[0] != '{') {
      return null;
    }
    try {
      JsonNode error = JsonMapper.shared().readTree(body).path("errors").path(0);
      return error.isObject() ? error : null;
    } catch (JacksonException e) {
      // Not JSON after all: the caller shows it as text.
      return null;
    }
  }
}
