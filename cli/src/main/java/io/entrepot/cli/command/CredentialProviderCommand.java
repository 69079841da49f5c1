package io.entrepot.cli.command;

import io.entrepot.cli.output.Json;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.MalformedException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code entrepot credential-provider}: the kubelet's exec protocol for credentials
 * (credentialprovider.kubelet.k8s.io/v1). It passes on the token of the pod's service account that
 * the kubelet was given for the server's audience.
 */
final class CredentialProviderCommand extends EntrepotCommand {

  private static final String VERSION = "credentialprovider.kubelet.k8s.io/v1";
  private static final String REQUEST = "CredentialProviderRequest";

  /** Bytes of a request; the kubelet's are a few kilobytes. */
  private static final int MAX_REQUEST = 1024 * 1024;

  /** How long before its end a token is not used any more: a pull takes time. */
  private static final Duration MARGIN = Duration.ofMinutes(1);

  private static final Duration LONGEST = Duration.ofHours(1);

  private final Option<List<String>> servers =
      arguments()
          .parameters(
              0,
              0,
              String.class,
              "HOST",
              "The names of this server, with port as in images: no other registry gets a token"
                  + " (default: whatever matchImages lets the kubelet ask for).");

  CredentialProviderCommand(Invocation invocation) {
    super(
        invocation,
        "Log the kubelet in with the token of a pod's service account; the kubelet runs this.",
        "",
        "It reads a CredentialProviderRequest from standard input and prints the answer. See",
        "deploy/kubernetes/kubelet for the kubelet's configuration, and oidc: in proxy.yaml for",
        "what the tokens may do.",
        "",
        "Examples:",
        "  entrepot credential-provider registry.example.org:5000 < request.json",
        "",
        "Exit codes: 0 answered; 2 usage, or a request without a token or that is none.");
  }

  @Override
  ExitCode run(Invocation context) throws IOException {
    JsonNode request = request();
    ImageReference image = image(request);
    ObjectNode answer = Json.object();
    answer.put("apiVersion", VERSION);
    answer.put("kind", "CredentialProviderResponse");
    answer.put("cacheKeyType", "Registry");
    String registry = image.repository().registry().value();
    List<String> known = servers.or(List.of());
    if (!known.isEmpty() && !known.contains(registry)) {
      answer.put("cacheDuration", "0s");
      answer.putObject("auth");
    } else {
      String token = token(request);
      answer.put("cacheDuration", lasting(token).toSeconds() + "s");
      ObjectNode login = answer.putObject("auth").putObject(registry);
      login.put("username", "serviceaccount");
      login.put("password", token);
    }
    context.console().document(Json.document(answer));
    return ExitCode.DONE;
  }

  private static JsonNode request() throws IOException {
    byte[] bytes = System.in.readNBytes(MAX_REQUEST + 1);
    if (bytes.length > MAX_REQUEST) {
      throw new UsageException("standard input is over 1 MiB, which no request of a kubelet is");
    }
    JsonNode request;
    try {
      request = JsonMapper.shared().readTree(bytes);
    } catch (JacksonException e) {
      throw new UsageException("standard input is no JSON: the kubelet runs this command");
    }
    String version = request.path("apiVersion").asString("");
    String kind = request.path("kind").asString("");
    if (!version.equals(VERSION) || !kind.equals(REQUEST)) {
      throw new UsageException(
          "expected a %s of %s on standard input, and got %s of %s: write apiVersion: %s for this provider into the kubelet's CredentialProviderConfig"
              .formatted(
                  REQUEST,
                  VERSION,
                  kind.isEmpty() ? "nothing" : kind,
                  version.isEmpty() ? "no version" : version,
                  VERSION));
    }
    return request;
  }

  private static ImageReference image(JsonNode request) {
    try {
      return ImageReference.parse(request.path("image").asString(""));
    } catch (MalformedException e) {
      throw new UsageException("the request's image cannot be read: " + e.getMessage());
    }
  }

  private static String token(JsonNode request) {
    String token = request.path("serviceAccountToken").asString("");
    if (token.isEmpty()) {
      throw new UsageException(
          "the request has no token of a service account: the kubelet's CredentialProviderConfig"
              + " needs tokenAttributes with serviceAccountTokenAudience (Kubernetes 1.34 or"
              + " newer)");
    }
    return token;
  }

  /** How long a token may be used again; nothing where it does not say when it ends. */
  private static Duration lasting(String token) {
    String[] parts = token.split("\\.", -1);
    if (parts.length == 3) {
      try {
        JsonNode end =
            JsonMapper.shared().readTree(Base64.getUrlDecoder().decode(parts[1])).path("exp");
        if (end.canConvertToLong()) {
          long left = end.asLong() - MARGIN.toSeconds() - Instant.now().getEpochSecond();
          return Duration.ofSeconds(Math.clamp(left, 0, LONGEST.toSeconds()));
        }
      } catch (IllegalArgumentException | JacksonException e) {
        // The server judges the token; here it is only not kept.
        return Duration.ZERO;
      }
    }
    return Duration.ZERO;
  }
}
