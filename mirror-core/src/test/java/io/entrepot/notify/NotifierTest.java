package io.entrepot.notify;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.options;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.stubbing.ServeEvent;
import com.github.tomakehurst.wiremock.verification.LoggedRequest;
import io.entrepot.text.BodySignature;
import io.entrepot.yaml.YamlDocument;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What sinks get, and when. */
final class NotifierTest {

  private static final String OLD = "sha256:" + "a".repeat(64);
  private static final String NEW = "sha256:" + "b".repeat(64);
  private static final String PATH =
      "/workflows/a%2Fb/triggers/manual%20x?api-version=1&sig=S%2BECRET";

  @SuppressWarnings("NullAway.Init")
  @TempDir
  Path directory;

  private final WireMockServer server = new WireMockServer(options().dynamicPort());
  private final Vertx vertx = Vertx.vertx();
  private final MovingClock clock = new MovingClock();
  private final List<String> log = new ArrayList<>();
  private final List<Notifier> open = new ArrayList<>();

  /** A clock that is put forward. */
  private static final class MovingClock extends Clock {
    private Instant now = Instant.parse("2026-11-27T12:00:00Z");

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }

    @Override
    public Instant instant() {
      return now;
    }
  }

  @BeforeEach
  void start() {
    server.start();
    answer(200);
  }

  @AfterEach
  void stop() {
    open.forEach(Notifier::close);
    server.stop();
    vertx.close().await();
  }

  private void answer(int status) {
    server.resetMappings();
    server.stubFor(any(anyUrl()).willReturn(aResponse().withStatus(status)));
  }

  private Notifier notifier(String sinks) {
    YamlDocument document = YamlDocument.parse("proxy.yaml", sinks.formatted(server.baseUrl()));
    List<Sink> read =
        new NotifyReader(Map.of("GITHUB_SHA", "c0ffee", "GITHUB_API_URL", server.baseUrl())::get)
            .read(document.root());
    document.finish();
    Notifier notifier =
        new Notifier(vertx, read, directory, "https://cache.example.org/", "host", clock, log::add);
    open.add(notifier);
    return notifier;
  }

  private static Event moved(int number) {
    return new Event(
        "id-" + number,
        EventKind.MOVED,
        Instant.parse("2026-11-27T11:59:00Z"),
        "docker.io/library/redis:" + number,
        "ghcr.io/acme/mirror/redis:" + number,
        OLD,
        NEW,
        List.of("linux/amd64", "linux/arm64"),
        "");
  }

  private static List<Event> moved(int from, int to) {
    return IntStream.range(from, to).mapToObj(NotifierTest::moved).toList();
  }

  private List<LoggedRequest> requests() {
    return server.getAllServeEvents().reversed().stream()
        .map(ServeEvent::getRequest)
        .map(each -> LoggedRequest.createFrom(each))
        .toList();
  }

  private static JsonNode body(LoggedRequest request) {
    return JsonMapper.shared().readTree(request.getBodyAsString());
  }

  // ---- forms --------------------------------------------------------------------------------

  @Test
  void teams_getsAnAdaptiveCard_atItsAddressToTheLetter() {
    Notifier notifier = notifier("- { teams: '%s" + PATH.replace("%", "%%") + "' }\n");
    notifier.tell(List.of(moved(7)));
    notifier.deliver();
    LoggedRequest request = requests().getFirst();
    assertThat(request.getUrl()).isEqualTo(PATH);
    assertThat(request.getHeader("Content-Type")).isEqualTo("application/json");
    JsonNode attachment = body(request).at("/attachments/0");
    assertThat(body(request).get("type").asString()).isEqualTo("message");
    assertThat(attachment.get("contentType").asString())
        .isEqualTo("application/vnd.microsoft.card.adaptive");
    assertThat(attachment.at("/content/type").asString()).isEqualTo("AdaptiveCard");
    assertThat(attachment.at("/content/body/0/text").asString())
        .isEqualTo("Moved: docker.io/library/redis:7");
    assertThat(attachment.at("/content/body/1/facts").toString())
        .contains("sha256:aaaaaaaaaaaa…", "sha256:bbbbbbbbbbbb…", "linux/amd64, linux/arm64");
  }

  @Test
  void slack_getsBlocks_withNamesThatStayText() {
    Notifier notifier = notifier("- { slack: '%s/services/T/B/X' }\n");
    Event hostile =
        Event.ofServer(EventKind.FAILED, clock.instant(), "docker.io/x/<!channel>&", "<script>");
    notifier.tell(List.of(hostile));
    notifier.deliver();
    JsonNode root = body(requests().getFirst());
    assertThat(root.get("text").asString()).isEqualTo("Failed: docker.io/x/&lt;!channel&gt;&amp;");
    assertThat(root.at("/blocks/0/type").asString()).isEqualTo("header");
    assertThat(root.at("/blocks/0/text/type").asString()).isEqualTo("plain_text");
    assertThat(root.at("/blocks").toString()).contains("&lt;script&gt;").doesNotContain("<script>");
  }

  @Test
  void webhook_getsOneCloudEvent_signed() {
    Notifier notifier = notifier("- { webhook: '%s/events', secret: s3cret }\n");
    notifier.tell(List.of(moved(7)));
    notifier.deliver();
    LoggedRequest request = requests().getFirst();
    assertThat(request.getHeader("Content-Type")).isEqualTo("application/cloudevents+json");
    assertThat(request.getHeader("Entrepot-Signature"))
        .isEqualTo(BodySignature.of("s3cret", request.getBody()));
    JsonNode event = body(request);
    assertThat(event.get("specversion").asString()).isEqualTo("1.0");
    assertThat(event.get("type").asString()).isEqualTo("dev.entrepot.moved");
    assertThat(event.get("source").asString()).isEqualTo("https://cache.example.org/");
    assertThat(event.get("subject").asString()).isEqualTo("docker.io/library/redis:7");
    JsonNode data = event.get("data");
    assertThat(data.get("event").asString()).isEqualTo("moved");
    assertThat(data.get("oldDigest").asString()).isEqualTo(OLD);
    assertThat(data.get("newDigest").asString()).isEqualTo(NEW);
    assertThat(data.get("platforms").size()).isEqualTo(2);
  }

  @Test
  void changes_upToFiveAreAMessageEach_moreAreOneThatNamesTwenty() {
    Notifier notifier = notifier("- { teams: '%1$s/teams' }\n- { webhook: '%1$s/hook' }\n");
    notifier.tell(moved(0, 5));
    notifier.deliver();
    assertThat(requests()).filteredOn(each -> each.getUrl().equals("/teams")).hasSize(5);
    assertThat(requests()).filteredOn(each -> each.getUrl().equals("/hook")).hasSize(1);
    server.resetRequests();
    notifier.tell(moved(0, 500));
    notifier.deliver();
    assertThat(requests()).hasSize(2);
    for (LoggedRequest request : requests()) {
      if (request.getUrl().equals("/hook")) {
        assertThat(request.getHeader("Content-Type"))
            .isEqualTo("application/cloudevents-batch+json");
        assertThat(body(request).size()).isEqualTo(500);
      } else {
        assertThat(request.getBodyAsString())
            .contains(
                "500 changes: 500 moved", "redis:19", "and 480 more", "https://cache.example.org/")
            .doesNotContain("redis:20");
      }
    }
  }

  @Test
  void github_getsAnIssue_orTheStatusOfTheCommit() {
    Notifier notifier =
        notifier(
            "- { github: acme/ops, token: t0ken }\n- { github: acme/app, as: status, token: t0ken }\n");
    notifier.tell(
        List.of(Event.ofServer(EventKind.REFUSED, clock.instant(), "redis:7", "no linux/arm64")));
    notifier.deliver();
    assertThat(requests())
        .extracting(LoggedRequest::getUrl)
        .containsExactlyInAnyOrder("/repos/acme/ops/issues", "/repos/acme/app/statuses/c0ffee");
    for (LoggedRequest request : requests()) {
      assertThat(request.getHeader("Authorization")).isEqualTo("Bearer t0ken");
      if (request.getUrl().endsWith("c0ffee")) {
        assertThat(body(request).get("state").asString()).isEqualTo("failure");
      } else {
        assertThat(body(request).get("title").asString()).isEqualTo("Refused: redis:7");
      }
    }
  }

  @Test
  void on_filtersEvents_andIsText() {
    Notifier notifier = notifier("- { webhook: '%s/hook', on: [failed, denied] }\n");
    notifier.tell(List.of(moved(1)));
    notifier.deliver();
    assertThat(requests()).isEmpty();
    notifier.tell(List.of(Event.ofServer(EventKind.DENIED, clock.instant(), "x", "bad")));
    notifier.deliver();
    assertThat(requests()).hasSize(1);
  }

  // ---- delivery -----------------------------------------------------------------------------

  @Test
  void sinkThatIsDown_getsEachMessageOnceWhenItIsBack_alsoAfterARestart() {
    answer(503);
    Notifier first = notifier("- { webhook: '%s/hook' }\n");
    first.tell(List.of(moved(1)));
    assertThat(first.deliver().getFirst().problem()).contains("503");
    String sent = requests().getFirst().getBodyAsString();
    first.tell(List.of(moved(2)));
    assertThat(first.deliver().getFirst().taken()).as("its time has not come").isZero();
    assertThat(requests()).hasSize(1);
    first.close();

    answer(200);
    server.resetRequests();
    clock.now = clock.now.plus(Duration.ofHours(1));
    Notifier second = notifier("- { webhook: '%s/hook' }\n");
    assertThat(second.deliver().getFirst().taken()).isEqualTo(2);
    assertThat(second.deliver().getFirst().taken()).isZero();
    assertThat(requests()).hasSize(2);
    assertThat(requests().getFirst().getBodyAsString()).isEqualTo(sent);
  }

  @Test
  void retryAfter_isHonoured() {
    server.resetMappings();
    server.stubFor(
        any(anyUrl()).willReturn(aResponse().withStatus(429).withHeader("Retry-After", "600")));
    Notifier notifier = notifier("- { slack: '%s/hook' }\n");
    notifier.tell(List.of(moved(1)));
    notifier.deliver();
    answer(200);
    clock.now = clock.now.plusSeconds(599);
    notifier.deliver();
    assertThat(requests()).hasSize(1);
    clock.now = clock.now.plusSeconds(2);
    assertThat(notifier.deliver().getFirst().taken()).isEqualTo(1);
  }

  @Test
  void addressThatIsGone_isSaidAndNotTriedForEver() {
    answer(410);
    Notifier notifier = notifier("- { teams: '%s/secret-path?sig=SECRET' }\n");
    notifier.tell(List.of(moved(1)));
    assertThat(notifier.deliver().getFirst().problem()).contains("410");
    assertThat(notifier.deliver().getFirst().problem()).isEmpty();
    assertThat(requests()).hasSize(1);
    assertThat(log).singleElement().satisfies(line -> assertThat(line).contains("teams #1", "410"));
    assertThat(log.toString()).doesNotContain("secret-path", "SECRET", "localhost");
  }

  @Test
  void sinkThatRedirects_isNotFollowed() {
    server.resetMappings();
    server.stubFor(
        any(anyUrl())
            .willReturn(
                aResponse().withStatus(302).withHeader("Location", server.baseUrl() + "/x")));
    Notifier notifier = notifier("- { webhook: '%s/hook', secret: s }\n");
    notifier.tell(List.of(moved(1)));
    notifier.deliver();
    assertThat(requests()).hasSize(1);
  }

  @Test
  void outbox_keepsAThousand_forAWeek() throws Exception {
    answer(503);
    Notifier notifier = notifier("- { webhook: '%s/hook' }\n");
    for (int i = 0; i < Outbox.MAX_MESSAGES + 5; i++) {
      notifier.tell(List.of(moved(i)));
    }
    try (var files = Files.walk(directory)) {
      assertThat(files.filter(Files::isRegularFile)).hasSize(Outbox.MAX_MESSAGES);
    }
    clock.now = clock.now.plus(Duration.ofDays(8));
    notifier.tell(List.of(moved(9999)));
    try (var files = Files.walk(directory)) {
      assertThat(files.filter(Files::isRegularFile)).hasSize(1);
    }
    assertThat(log).isNotEmpty();
  }

  @Test
  void messageThatCannotBeRead_isGivenUpAndSaid_andNothingEmptyIsSent() throws Exception {
    Notifier notifier = notifier("- { webhook: '%s/hook' }\n");
    notifier.tell(List.of(moved(1)));
    try (var files = Files.walk(directory)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.writeString(file, "{\"path\":");
      }
    }
    notifier.tell(List.of(moved(2)));
    assertThat(notifier.deliver().getFirst().taken()).isEqualTo(1);
    assertThat(requests())
        .singleElement()
        .satisfies(request -> assertThat(request.getBodyAsString()).contains("id-2"));
    assertThat(log).singleElement().satisfies(line -> assertThat(line).contains("webhook #1"));
  }

  @Test
  void oneSinkThatFails_holdsUpNoOther() {
    server.resetMappings();
    server.stubFor(any(anyUrl()).willReturn(aResponse().withStatus(200)));
    Notifier notifier =
        notifier("- { webhook: 'http://127.0.0.1:1/hook' }\n- { webhook: '%s/hook' }\n");
    notifier.tell(List.of(moved(1)));
    List<Notifier.Delivery> deliveries = notifier.deliver();
    assertThat(deliveries.get(0).problem()).isNotEmpty();
    assertThat(deliveries.get(1).taken()).isEqualTo(1);
  }

  @Test
  void test_reachesEverySink_whateverItWants() {
    Notifier notifier =
        notifier("- { webhook: '%1$s/a', on: [disk] }\n- { slack: 'http://127.0.0.1:1/b' }\n");
    List<Notifier.Delivery> deliveries = notifier.test();
    assertThat(deliveries.get(0).problem()).isEmpty();
    assertThat(deliveries.get(1).problem()).isNotEmpty();
    assertThat(requests()).hasSize(1);
  }
}
