package io.entrepot.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import at.favre.lib.crypto.bcrypt.BCrypt;
import io.entrepot.oci.MediaType;
import io.entrepot.proxy.handler.Access;
import io.entrepot.testing.TestImages;
import io.entrepot.testing.TestRegistry;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The page as it comes over HTTP; what a browser makes of it is seen by {@code tests/interop}. */
class PageTest {

  private static final String BUSYBOX = "docker.io/library/busybox";
  private static final String EVIL = "<script>alert(1)</script>\"'&";
  private static final String ALICE =
      "Basic " + Base64.getEncoder().encodeToString("alice:secret".getBytes(UTF_8));

  private Path directory;
  private TestRegistry hub;

  @BeforeEach
  void start(@TempDir Path temporary) {
    directory = temporary;
    hub = TestRegistry.start();
    TestImages.multiPlatform("linux/amd64", "linux/arm64").push(hub, "library/busybox", "1.36");
  }

  @AfterEach
  void stop() {
    hub.close();
  }

  private RunningProxy running(UnaryOperator<ProxySettings> change) {
    return RunningProxy.start(directory.resolve("store"), change, Duration.ofMinutes(5), hub);
  }

  private RunningProxy open() {
    return running(settings -> settings);
  }

  private RunningProxy guarded(Access.Rule... rules) throws Exception {
    Path users =
        Files.writeString(
            directory.resolve("users"),
            "alice:" + BCrypt.withDefaults().hashToString(4, "secret".toCharArray()) + "\n");
    return running(settings -> settings.with(new ProxySettings.Guard(users, List.of(rules))));
  }

  private static String page(RunningProxy proxy, String target, String... headers)
      throws Exception {
    HttpResponse<byte[]> answer = proxy.get(target, headers);
    assertThat(answer.statusCode()).as(target).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("text/html; charset=utf-8");
    return new String(answer.body(), UTF_8);
  }

  private static void pull(RunningProxy proxy) throws Exception {
    proxy.get("/v2/%s/manifests/1.36".formatted(BUSYBOX));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "/images",
        "/images/docker.io/library/busybox",
        "/images/docker.io/library/busybox/manifests/1.36",
        "/upstreams",
        "/fills",
        "/mirrors",
        "/held",
        "/store"
      })
  void everyPage_isWholeAndStrict(String target) throws Exception {
    try (RunningProxy proxy = open()) {
      pull(proxy);
      HttpResponse<byte[]> answer = proxy.get(target);
      String html = new String(answer.body(), UTF_8);
      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(html).startsWith("<!doctype html>").contains("</html>");
      // A strict policy is worth something only where nothing needs an exception of it.
      assertThat(html).doesNotContainPattern("<script(?! src=)|<style|\\sstyle=|\\son[a-z]+=");
      assertThat(answer.headers().firstValue("Content-Security-Policy"))
          .hasValueSatisfying(
              policy ->
                  assertThat(policy)
                      .contains("default-src 'none'", "frame-ancestors 'none'")
                      .doesNotContain("unsafe"));
      assertThat(answer.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
      assertThat(answer.headers().firstValue("Cache-Control")).hasValue("no-store");
    }
  }

  @Test
  void image_isShownWithPlatformsAndLinesToCopy() throws Exception {
    try (RunningProxy proxy = open()) {
      pull(proxy);
      String digest = TestImages.multiPlatform("linux/amd64", "linux/arm64").digest().toString();
      assertThat(page(proxy, "/images")).contains(BUSYBOX);
      assertThat(page(proxy, "/images?q=busy")).contains(BUSYBOX);
      assertThat(page(proxy, "/images?q=redis")).doesNotContain(BUSYBOX);
      assertThat(page(proxy, "/images/" + BUSYBOX)).contains("linux/arm64", "1.36");
      assertThat(page(proxy, "/images/" + BUSYBOX + "/manifests/1.36"))
          .contains(
              "docker pull 127.0.0.1:%d/%s:1.36".formatted(proxy.port(), BUSYBOX),
              BUSYBOX + ":1.36@" + digest,
              "not here yet");
    }
  }

  @Test
  void whatOthersWrite_staysText() throws Exception {
    hub.on("GET manifest").error(500, "UNKNOWN", EVIL);
    try (RunningProxy proxy = open()) {
      proxy.get(
          "/v2/%s/manifests/%s"
              .formatted(BUSYBOX, TestImages.multiPlatform("linux/amd64", "linux/arm64").digest()));
      Path runs = directory.resolve("store/mirrors/images");
      Files.createDirectories(runs);
      Files.writeString(
          runs.resolve("2026-11-27T10-00-00Z.json"),
          "{\"trigger\":\"<b>\",\"images\":[{\"source\":\"<i>x\",\"outcome\":\"<u>\",\"error\":\"<script>\"}]}");
      for (String target :
          List.of(
              "/upstreams",
              "/",
              "/mirrors",
              "/mirrors/images",
              "/images?q=%3Cscript%3E%22'",
              "/images?last=%3Cscript%3E")) {
        assertThat(page(proxy, target))
            .as(target)
            .doesNotContain("<script>", "<b>", "<i>x", "<u>", "\"'");
      }
      assertThat(page(proxy, "/upstreams")).contains("&lt;script&gt;alert(1)");
      String missing = new String(proxy.get("/images/%3Cscript%3E").body(), UTF_8);
      assertThat(missing).contains("&lt;script&gt;").doesNotContain("<script>");
    }
  }

  @Test
  void whatIsNotThere_isAPageToo() throws Exception {
    try (RunningProxy proxy = open()) {
      for (String target :
          List.of("/images/no/such", "/images/no/such/manifests/1", "/mirrors/none")) {
        HttpResponse<byte[]> answer = proxy.get(target);
        assertThat(answer.statusCode()).as(target).isEqualTo(404);
        assertThat(new String(answer.body(), UTF_8)).contains("<h1>Not found</h1>");
      }
      assertThat(proxy.get("/images?n=x").statusCode()).isEqualTo(400);
      assertThat(status(proxy, "/images/%zz", "Host: localhost")).isEqualTo(400);
      assertThat(status(proxy, "/assets/../page.css", "Host: localhost")).isEqualTo(404);
      HttpResponse<byte[]> post = proxy.send("POST", "/", "x".getBytes(UTF_8));
      assertThat(post.statusCode()).isEqualTo(405);
      assertThat(post.headers().firstValue("Allow")).hasValue("GET, HEAD");
    }
  }

  private static List<String> links(String html) {
    return Pattern.compile("(?:href|src|action|hx-get|sse-connect|data-worker)=\"([^\"]*)\"")
        .matcher(html)
        .results()
        .map((MatchResult match) -> match.group(1))
        .filter(link -> !link.isEmpty() && !link.startsWith("#"))
        .toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/entrepot"})
  void underASubPath_everyLinkStaysBelow_whetherTheProxyStripsItOrNot(String sent)
      throws Exception {
    try (RunningProxy proxy =
        running(
            settings ->
                settings.with(
                    new ProxySettings.Page(null, URI.create("https://cache.test/entrepot/"))))) {
      pull(proxy);
      for (String target :
          List.of("/", "/images", "/images/" + BUSYBOX, "/images/" + BUSYBOX + "/manifests/1.36")) {
        List<String> links = links(page(proxy, sent + target));
        assertThat(links).isNotEmpty().allMatch(link -> link.startsWith("/entrepot/"));
        for (String link : links) {
          if (!link.endsWith("/events") && !link.endsWith("/login")) {
            String asked = sent.isEmpty() ? link.substring("/entrepot".length()) : link;
            assertThat(proxy.get(asked).statusCode()).as(asked).isEqualTo(200);
          }
        }
      }
      assertThat(page(proxy, sent + "/images/" + BUSYBOX + "/manifests/1.36"))
          .contains("docker pull cache.test/" + BUSYBOX);
    }
  }

  @Test
  void filesOfThePage_areZippedAndNotSentTwice() throws Exception {
    try (RunningProxy proxy = open()) {
      for (String name : List.of("page.css", "page.js", "events.js", "htmx.js", "sse.js")) {
        HttpResponse<byte[]> plain = proxy.get("/assets/" + name);
        assertThat(plain.statusCode()).as(name).isEqualTo(200);
        HttpResponse<byte[]> zipped = proxy.get("/assets/" + name, "Accept-Encoding", "br, gzip");
        assertThat(zipped.headers().firstValue("Content-Encoding")).hasValue("gzip");
        assertThat(new GZIPInputStream(new ByteArrayInputStream(zipped.body())).readAllBytes())
            .isEqualTo(plain.body());
        String etag = plain.headers().firstValue("ETag").orElseThrow();
        assertThat(proxy.get("/assets/" + name, "If-None-Match", etag).statusCode()).isEqualTo(304);
      }
      assertThat(
              proxy
                  .get("/", "Accept-Encoding", "gzip;q=0, identity")
                  .headers()
                  .firstValue("Content-Encoding"))
          .isEmpty();
    }
  }

  @Test
  void twoThousandImages_areSixtyKilobytesWithAllThatBelongsToThem() throws Exception {
    byte[] index =
        "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[]}"
            .formatted(MediaType.OCI_INDEX)
            .getBytes(UTF_8);
    try (RunningProxy proxy = open()) {
      for (int i = 0; i < 150; i++) {
        proxy.send(
            "PUT",
            "/v2/team-%d/some-service-%d/manifests/1".formatted(i % 7, i),
            index,
            "Content-Type",
            MediaType.OCI_INDEX.value());
      }
      String html = page(proxy, "/images");
      assertThat(html).contains("rel=\"next\"");
      long wire =
          Stream.concat(
                  Stream.of("/images"),
                  links(html).stream().filter(link -> link.startsWith("/assets/")))
              .distinct()
              .mapToLong(target -> zipped(proxy, target))
              .sum();
      assertThat(wire).isLessThan(60_000);
    }
  }

  private static long zipped(RunningProxy proxy, String target) {
    try {
      return proxy.get(target, "Accept-Encoding", "gzip").body().length;
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void stranger_isAskedForALogin_andSeesWhatItMayRead() throws Exception {
    List<String> alice = List.of("alice");
    try (RunningProxy proxy = guarded()) {
      HttpResponse<byte[]> answer = proxy.get("/");
      assertThat(answer.statusCode()).isEqualTo(401);
      assertThat(answer.headers().firstValue("WWW-Authenticate")).isPresent();
      assertThat(proxy.get("/events").statusCode()).isEqualTo(401);
      assertThat(page(proxy, "/", "Authorization", ALICE)).contains(">alice<");
      HttpResponse<byte[]> login = proxy.get("/login", "Authorization", ALICE);
      assertThat(login.statusCode()).isEqualTo(303);
      assertThat(login.headers().firstValue("Location")).hasValue("/");
    }
    try (RunningProxy proxy =
        guarded(
            new Access.Rule("docker.io/library/busybox", alice, List.of()),
            new Access.Rule("*", List.of("*"), alice))) {
      proxy.get("/v2/%s/manifests/1.36".formatted(BUSYBOX), "Authorization", ALICE);
      assertThat(page(proxy, "/images")).doesNotContain("busybox").contains("/login");
      assertThat(proxy.get("/images/" + BUSYBOX).statusCode()).isEqualTo(401);
      assertThat(proxy.get("/login").statusCode()).isEqualTo(401);
      assertThat(page(proxy, "/images", "Authorization", ALICE)).contains("busybox");
    }
  }

  @Test
  void otherHost_is421_otherSitesMayLinkAndNotAsk() throws Exception {
    try (RunningProxy proxy = open()) {
      assertThat(status(proxy, "/", "Host: evil.example")).isEqualTo(421);
      assertThat(status(proxy, "/assets/page.css", "Host: evil.example")).isEqualTo(421);
      assertThat(
              status(
                  proxy,
                  "/",
                  "Host: localhost\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: cors"))
          .isEqualTo(403);
      assertThat(
              status(
                  proxy,
                  "/",
                  "Host: localhost\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate"))
          .isEqualTo(200);
    }
  }

  private static int status(RunningProxy proxy, String target, String headers) throws Exception {
    try (RawConnection client = RawConnection.to(proxy)) {
      client.send("GET %s HTTP/1.1\r\n%s\r\nConnection: close\r\n\r\n".formatted(target, headers));
      return RawConnection.status(client.everything());
    }
  }

  @Test
  void events_tellWhatChanged_andEndWithTheServer() throws Exception {
    HttpResponse<InputStream> stream;
    try (RunningProxy proxy = open()) {
      stream = proxy.http().send(proxy.request("/events").build(), BodyHandlers.ofInputStream());
      assertThat(stream.statusCode()).isEqualTo(200);
      assertThat(stream.headers().firstValue("Content-Type")).hasValue("text/event-stream");
      BufferedReader lines = new BufferedReader(new InputStreamReader(stream.body(), UTF_8));
      assertThat(lines.readLine()).startsWith("retry:");
      pull(proxy);
      String line = lines.readLine();
      while (!line.equals("event: overview")) {
        line = lines.readLine();
      }
      // Names of what changed, and nothing that somebody may not read.
      assertThat(lines.readLine()).isEqualTo("data: 1");
    }
    assertThat(stream.body().readAllBytes()).isNotNull();
  }

  @ParameterizedTest
  @EnumSource(HttpClient.Version.class)
  void overTls_pageAndEventsCome(HttpClient.Version version) throws Exception {
    TestCertificate certificate = TestCertificate.in(directory);
    try (RunningProxy proxy =
            running(
                settings ->
                    settings.with(
                        new ProxySettings.Listening(
                            "127.0.0.1", 0, certificate.tls(), Set.of(), false)));
        HttpClient http =
            HttpClient.newBuilder().version(version).sslContext(certificate.trusting()).build()) {
      String address = "https://127.0.0.1:" + proxy.port();
      HttpResponse<String> page =
          http.send(
              HttpRequest.newBuilder(URI.create(address + "/")).build(), BodyHandlers.ofString());
      assertThat(page.statusCode()).isEqualTo(200);
      assertThat(page.version()).isEqualTo(version);
      HttpResponse<InputStream> events =
          http.send(
              HttpRequest.newBuilder(URI.create(address + "/events")).build(),
              BodyHandlers.ofInputStream());
      assertThat(new String(events.body().readNBytes(6), UTF_8)).isEqualTo("retry:");
      events.body().close();
    }
  }

  @Test
  void http10_asNginxSpeaksIt_isAnswered() throws Exception {
    try (RunningProxy proxy = open();
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port())) {
      socket.setSoTimeout((int) RunningProxy.PATIENCE.toMillis());
      socket.getOutputStream().write("GET / HTTP/1.0\r\nHost: localhost\r\n\r\n".getBytes(UTF_8));
      assertThat(new String(socket.getInputStream().readAllBytes(), UTF_8))
          .contains(" 200 ")
          .contains("</html>");
    }
  }

  @Test
  void manyStreams_areBounded() throws Exception {
    try (RunningProxy proxy = open()) {
      List<HttpResponse<InputStream>> streams = new ArrayList<>();
      int refused = 0;
      for (int i = 0; i < 260; i++) {
        HttpResponse<InputStream> answer =
            proxy.http().send(proxy.request("/events").build(), BodyHandlers.ofInputStream());
        streams.add(answer);
        if (answer.statusCode() == 503) {
          refused++;
          assertThat(answer.headers().firstValue("Retry-After")).isPresent();
        } else {
          // The server has counted it.
          answer.body().readNBytes(5);
        }
      }
      assertThat(refused).isEqualTo(4);
      for (HttpResponse<InputStream> each : streams) {
        each.body().close();
      }
    }
  }
}
