package io.entrepot.cli.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.entrepot.cli.output.Console;
import io.entrepot.cli.output.Terminal;
import io.entrepot.proxy.ProxySettings;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The doctor's request, and what it makes of the answer. */
final class DoctorCommandTest {

  private static final Map<String, String> NONE = Map.of();

  @SuppressWarnings("NullAway.Init")
  @TempDir
  Path directory;

  @BeforeEach
  void node() throws IOException {
    Path containerd = Files.createDirectories(directory.resolve("node/etc/containerd"));
    Files.createDirectories(containerd.resolve("certs.d/_default"));
    Files.writeString(
        containerd.resolve("config.toml"),
        """
        version = 2
        [plugins."io.containerd.grpc.v1.cri".registry]
        config_path = "/etc/containerd/certs.d"
        """);
  }

  private void host(String url, String more) throws IOException {
    Files.writeString(
        directory.resolve("node/etc/containerd/certs.d/_default/hosts.toml"),
        "[host.\"%s\"]\ncapabilities = [\"pull\", \"resolve\"]\n%s".formatted(url, more));
  }

  private Run doctor(int port, String... more) {
    List<String> line =
        new ArrayList<>(List.of("doctor", "--root", "node", "--address", "localhost:" + port));
    line.addAll(List.of(more));
    return Run.in(directory, NONE, line.toArray(String[]::new));
  }

  private Serving serve(ProxySettings.Guard guard, ProxySettings.@Nullable Tls tls) {
    PrintStream nowhere = new PrintStream(new ByteArrayOutputStream(), true, UTF_8);
    ProxySettings settings =
        ProxySettings.defaults(directory.resolve("cache")).listeningOn("127.0.0.1", 0).with(guard);
    return Serving.start(
        new Invocation(
            new Console(nowhere, nowhere, false),
            new Terminal(false, false, NONE),
            NONE,
            directory,
            directory),
        tls == null ? settings : settings.with(tls));
  }

  private static int port(Serving serving) {
    return URI.create(serving.server().localUrl()).getPort();
  }

  @Test
  void allThroughARunningProxy_exitZero() throws Exception {
    try (Serving serving = serve(new ProxySettings.Guard(null, List.of()), null)) {
      int port = port(serving);
      host("http://localhost:" + port, "");
      Run run = doctor(port, "-o", "json");
      assertThat(run.code()).as(run.all()).isZero();
      JsonNode client = run.json().path("clients").path(0);
      assertThat(client.path("client").asString()).isEqualTo("containerd");
      assertThat(client.path("request").path("status").asInt()).isEqualTo(200);
      assertThat(client.path("request").path("url").asString()).endsWith("/v2/?ns=docker.io");
      assertThat(client.path("registries")).hasSize(ProxySettings.USUAL_UPSTREAMS.size());
      assertThat(run.json().path("ok").asBoolean()).isTrue();
      // The files are wrong, the proxy is well: the lines to write follow.
      Files.delete(directory.resolve("node/etc/containerd/config.toml"));
      Run wrong = doctor(port, "containerd");
      assertThat(wrong.code()).as(wrong.all()).isEqualTo(1);
      assertThat(wrong.out())
          .contains("config_path", "answers", "[host.\"http://localhost:" + port + "\"]");
    }
  }

  @Test
  void login_isWanted_unlessTheFileGivesOne() throws Exception {
    Path users =
        Files.writeString(
            directory.resolve("htpasswd"),
            "x:$2a$04$PRWeIOBT/laZfqRjEC2a5OcQGYfOAvyxilXTpqsYgkMfc5upXnhTy\n");
    try (Serving serving = serve(new ProxySettings.Guard(users, List.of()), null)) {
      String url = "http://localhost:" + port(serving);
      host(url, "");
      Run run = doctor(port(serving));
      assertThat(run.code()).as(run.all()).isEqualTo(1);
      assertThat(run.out()).contains("wants a login", "HTTP 401");
      host(url, "[host.\"%s\".header]\nAuthorization = \"Basic eDp5\"\n".formatted(url));
      Run given = doctor(port(serving));
      assertThat(given.code()).as(given.all()).isZero();
      assertThat(given.all()).doesNotContain("eDp5");
    }
  }

  @Test
  void certificate_isTrustedByTheClientsOwnFileAlone() throws Exception {
    Run.in(directory, NONE, "ca", "init");
    Run.in(directory, NONE, "ca", "issue", "localhost", "--out", "tls");
    ProxySettings.Tls tls =
        new ProxySettings.Tls(directory.resolve("tls/cert.pem"), directory.resolve("tls/key.pem"));
    try (Serving serving = serve(new ProxySettings.Guard(null, List.of()), tls)) {
      String url = "https://localhost:" + port(serving);
      host(url, "");
      Run run = doctor(port(serving));
      assertThat(run.code()).as(run.all()).isEqualTo(1);
      assertThat(run.out()).contains("certificate is not trusted", "entrepot ca trust");
      host(url, "skip_verify = true\n");
      assertThat(doctor(port(serving)).code()).isZero();
      Files.writeString(
          directory.resolve("node/etc/root.pem"), Run.in(directory, NONE, "ca", "export").out());
      host(url, "ca = \"/etc/root.pem\"\n");
      Run trusted = doctor(port(serving));
      assertThat(trusted.code()).as(trusted.all()).isZero();
      assertThat(trusted.out()).contains("HTTP 200");
    }
  }

  @Test
  void otherAnswers_areNamed_afterOneRequest() throws Exception {
    AtomicInteger status = new AtomicInteger(421);
    AtomicInteger requests = new AtomicInteger();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          requests.incrementAndGet();
          exchange.sendResponseHeaders(status.get(), -1);
          exchange.close();
        });
    server.start();
    int port = server.getAddress().getPort();
    try {
      host("http://localhost:" + port, "");
      Run misdirected = doctor(port);
      assertThat(misdirected.code()).as(misdirected.all()).isEqualTo(1);
      assertThat(misdirected.out()).contains("not known by this name", "names:");
      assertThat(requests).hasValue(1);
      status.set(200);
      assertThat(doctor(port).out()).contains("no registry");
      status.set(503);
      assertThat(doctor(port).code()).isEqualTo(1);
      assertThat(requests).hasValue(3);
    } finally {
      server.stop(0);
    }
    Run gone = doctor(port);
    assertThat(gone.code()).as(gone.all()).isEqualTo(1);
    assertThat(gone.out()).contains("wrong", "entrepot serve runs");
  }

  @Test
  void usage_isExitTwo() {
    assertThat(doctor(5000, "buildkit").code()).isEqualTo(2);
    assertThat(Run.in(directory, NONE, "doctor", "--root", "nowhere").code()).isEqualTo(2);
    assertThat(Run.in(directory, NONE, "doctor", "--root", directory.toString()).err())
        .contains("no client is installed");
    assertThat(Run.in(directory, NONE, "doctor", "k3s", "--address", "here").code()).isEqualTo(2);
  }
}
