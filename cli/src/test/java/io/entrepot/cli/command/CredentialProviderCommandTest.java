package io.entrepot.cli.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** {@code credential-provider}, asked as kubelets ask. */
class CredentialProviderCommandTest {

  private final InputStream before = System.in;

  @TempDir private Path folder;

  @AfterEach
  void restore() {
    System.setIn(before);
  }

  /** What a kubelet of Kubernetes 1.33 writes when tokenAttributes are configured. */
  private static String request(String image, String token) {
    return """
    {"kind":"CredentialProviderRequest","apiVersion":"credentialprovider.kubelet.k8s.io/v1",\
    "image":"%s","serviceAccountToken":"%s","serviceAccountAnnotations":{"acme.example/team":"web"}}
    """
        .formatted(image, token);
  }

  private static String token(long secondsLeft) {
    String claims =
        "{\"sub\":\"system:serviceaccount:web:app\",\"exp\":%d}"
            .formatted(Instant.now().getEpochSecond() + secondsLeft);
    return "eyJhbGciOiJSUzI1NiJ9."
        + Base64.getUrlEncoder().withoutPadding().encodeToString(claims.getBytes(UTF_8))
        + ".c2lnbmF0dXJl";
  }

  private Run ask(String request, String... servers) {
    System.setIn(new ByteArrayInputStream(request.getBytes(UTF_8)));
    String[] words = new String[servers.length + 1];
    words[0] = "credential-provider";
    System.arraycopy(servers, 0, words, 1, servers.length);
    return Run.in(folder, Map.of(), words);
  }

  @Test
  void tokenOfTheServiceAccount_isTheLoginForTheImagesRegistry() {
    String token = token(600);
    Run run = ask(request("registry.example.org:5000/team/app:1.0", token));
    assertThat(run.code()).as(run.all()).isZero();
    JsonNode answer = run.json();
    assertThat(answer.path("apiVersion").stringValue())
        .isEqualTo("credentialprovider.kubelet.k8s.io/v1");
    assertThat(answer.path("kind").stringValue()).isEqualTo("CredentialProviderResponse");
    assertThat(answer.path("cacheKeyType").stringValue()).isEqualTo("Registry");
    assertThat(answer.path("cacheDuration").stringValue()).matches("5(39|40)s");
    assertThat(answer.path("auth").propertyNames()).containsExactly("registry.example.org:5000");
    JsonNode login = answer.path("auth").path("registry.example.org:5000");
    assertThat(login.path("password").stringValue()).isEqualTo(token);
    assertThat(login.path("username").stringValue()).isNotEmpty();
  }

  @Test
  void anotherRegistry_getsNoToken() {
    Run run = ask(request("redis:7", token(600)), "registry.example.org:5000");
    assertThat(run.code()).as(run.all()).isZero();
    assertThat(run.json().path("auth").isEmpty()).isTrue();
    assertThat(run.all()).doesNotContain("eyJ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"opaque", "a.b.c", "eyJhbGciOiJSUzI1NiJ9.e30.c2ln"})
  void tokenWhoseEndIsNotKnown_isNotKept(String token) {
    Run run = ask(request("registry.example.org/app:1", token));
    assertThat(run.json().path("cacheDuration").stringValue()).isEqualTo("0s");
    assertThat(run.json().path("auth").path("registry.example.org").path("password").stringValue())
        .isEqualTo(token);
  }

  @Test
  void tokenThatEndsNow_isNotKept_longTokenForAnHourAtMost() {
    assertThat(ask(request("r.example.org/app", token(30))).json().path("cacheDuration"))
        .hasToString("\"0s\"");
    assertThat(ask(request("r.example.org/app", token(90_000))).json().path("cacheDuration"))
        .hasToString("\"3600s\"");
  }

  @Test
  void kubeletThatSendsNoToken_isToldWhatToConfigure() {
    Run run = ask(request("r.example.org/app:1", ""));
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).contains("tokenAttributes", "serviceAccountTokenAudience");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "no json",
        "[]",
        "{\"kind\":\"CredentialProviderRequest\",\"apiVersion\":\"credentialprovider.kubelet.k8s.io/v1alpha1\",\"image\":\"r.io/a\"}",
        "{\"kind\":\"ExecCredential\",\"apiVersion\":\"credentialprovider.kubelet.k8s.io/v1\"}",
        "{\"kind\":\"CredentialProviderRequest\",\"apiVersion\":\"credentialprovider.kubelet.k8s.io/v1\",\"image\":\"Not"
            + " An Image\",\"serviceAccountToken\":\"secret\"}"
      })
  void whatIsNoRequest_isRefusedInOneSentence(String input) {
    Run run = ask(input);
    assertThat(run.code()).as(run.all()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err().lines()).hasSize(1);
    assertThat(run.err()).doesNotContain("secret", "Exception");
  }
}
