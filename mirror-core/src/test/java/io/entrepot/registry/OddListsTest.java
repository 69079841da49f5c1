package io.entrepot.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.Digest;
import io.entrepot.oci.MediaType;
import io.entrepot.oci.Tag;
import io.vertx.core.Future;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Lists of tags and referrers as odd registries send them. */
@Timeout(60)
class OddListsTest extends RegistryScene {

  private static final Digest SUBJECT = Digest.of(index());
  private static final Map<String, String> AS_INDEX =
      Map.of("Content-Type", MediaType.OCI_INDEX.value());

  private static String entry(int number, String more) {
    return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":2%s}"
        .formatted(MediaType.OCI_MANIFEST, Digest.of(("" + number).getBytes(UTF_8)), more);
  }

  private static byte[] list(String... entries) {
    return "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"manifests\":[%s]}"
        .formatted(MediaType.OCI_INDEX, String.join(",", entries))
        .getBytes(UTF_8);
  }

  private void fallback(String repository, byte[] list) {
    registry.addManifest(repository, Tag.referrersOf(SUBJECT).value(), MediaType.OCI_INDEX, list);
  }

  private Referrers referrers(String repository) {
    return client.referrers(registry.repository(repository), SUBJECT).await();
  }

  @Test
  void tags_whatCannotBeATag_isLeftOut() {
    registry
        .on("GET tags")
        .body(
            "{\"x\":[{}],\"tags\":[\"-ot-beta\",\"1.0\",null,{\"a\":[1]},7,\"with space\",\"\",\"1.1\"]}"
                .getBytes(UTF_8));
    registry.addManifest("app", "1", MediaType.OCI_INDEX, index());
    assertThat(client.tags(registry.repository("app")).await())
        .containsExactly(new Tag("1.0"), new Tag("1.1"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"{}", "{\"tags\":null}", "{\"tags\":[]}"})
  void tags_none_isNone(String body) {
    registry.addManifest("app", "1", MediaType.OCI_INDEX, index());
    registry.on("GET tags").body(body.getBytes(UTF_8));
    assertThat(client.tags(registry.repository("app")).await()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "{\"tags\":[\"1\"", "<html>"})
  void tags_noList_isAFailure(String body) {
    registry.addManifest("app", "1", MediaType.OCI_INDEX, index());
    registry.on("GET tags").body(body.getBytes(UTF_8));
    assertThat(failure(client.tags(registry.repository("app"))).code())
        .isEqualTo(ErrorCode.CORRUPT);
  }

  @Test
  void referrers_anEntryOfMoreTokensThanAnyListHas_isAFailure() {
    registry
        .on("GET referrers")
        .answer(
            200,
            Map.of("Content-Type", MediaType.OCI_INDEX.value()),
            list(entry(1, ",\"x\":[" + "{},".repeat(600_000) + "{}]")));
    registry.referrersApi(true);
    registry.addManifest("app", "1", MediaType.OCI_INDEX, index());
    Future<Referrers> asked = client.referrers(registry.repository("app"), SUBJECT);
    assertThat(asked.await().descriptors())
        .as("such a list is none, and there is no tag")
        .isEmpty();
    assertThat(asked.result().api()).isFalse();
  }

  @Test
  void referrers_pagesThatTakeMoreMemoryThanAListMay_areAFailure() {
    String notes =
        IntStream.range(0, 500)
            .mapToObj(number -> "\"%d\":\"\"".formatted(number))
            .collect(Collectors.joining(",", ",\"annotations\":{", "}"));
    for (int i = 0; i < 10; i++) {
      int page = i;
      registry
          .on("GET referrers")
          .once()
          .answer(
              200,
              Map.of(
                  "Content-Type",
                  MediaType.OCI_INDEX.value(),
                  "Link",
                  "</v2/app/referrers/%s?n=%d>; rel=\"next\"".formatted(SUBJECT, page)),
              list(
                  IntStream.range(1000 * page, 1000 * page + 200)
                      .mapToObj(number -> entry(number, notes))
                      .toArray(String[]::new)));
    }
    registry.referrersApi(true);
    registry.addManifest("app", "1", MediaType.OCI_INDEX, index());
    RegistryException failure = failure(client.referrers(registry.repository("app"), SUBJECT));
    assertThat(failure.code()).isEqualTo(ErrorCode.SIZE_INVALID);
    assertThat(failure).hasMessageContaining("more than 40 MiB");
    assertThat(registry.count("GET referrers")).isEqualTo(4);
  }

  @Test
  void referrers_longerThanAManifest_allOfAllPages() {
    String note = ",\"annotations\":{\"n\":\"" + "x".repeat(6000) + "\"}";
    String[] first =
        IntStream.range(0, 900).mapToObj(number -> entry(number, note)).toArray(String[]::new);
    String[] second =
        IntStream.range(900, 1800).mapToObj(number -> entry(number, note)).toArray(String[]::new);
    registry
        .on(request -> request.target().contains("last=900"))
        .answer(200, AS_INDEX, list(second));
    registry
        .on(
            request ->
                request.target().contains("/referrers/") && !request.target().contains("last"))
        .answer(
            200,
            Map.of(
                "Content-Type",
                MediaType.OCI_INDEX.value(),
                "Link",
                "</v2/app/referrers/%s?last=900>; rel=\"next\"".formatted(SUBJECT)),
            list(first));
    Referrers found = referrers("app");
    assertThat(found.api()).isTrue();
    assertThat(found.descriptors().stream().map(each -> each.digest()).distinct().count())
        .isEqualTo(1800);
  }

  @Test
  void referrers_oddEntry_costsItself() {
    registry
        .on("GET referrers")
        .answer(
            200, AS_INDEX, list(entry(1, ""), "{\"digest\":\"sha256:short\"}", "7", entry(2, "")));
    assertThat(referrers("app").descriptors()).hasSize(2);
  }

  @Test
  void referrers_404ForOneRepository_leavesTheApiOnForOthers() {
    registry.addManifest("known", "1", MediaType.OCI_INDEX, index());
    registry.on(request -> request.target().contains("/unknown/referrers/")).answer(404);
    registry
        .on(request -> request.target().contains("/known/referrers/"))
        .answer(200, AS_INDEX, list(entry(1, "")));
    assertThat(referrers("unknown").descriptors()).isEmpty();
    referrers("unknown");
    assertThat(registry.count("GET referrers")).as("remembered for that repository").isEqualTo(1);
    assertThat(referrers("known").descriptors()).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({"401, UNAUTHORIZED", "403, DENIED", "404, ''", "405, ''", "501, ''"})
  void referrers_noApiHoweverItIsSaid_fallbackTag(int status, String code) {
    fallback("app", list(entry(1, "")));
    registry
        .on("GET referrers")
        .answer(
            status,
            Map.of("Content-Type", "application/json"),
            "{\"errors\":[{\"code\":\"%s\"}]}".formatted(code));
    Referrers found = referrers("app");
    assertThat(found.descriptors()).hasSize(1);
    assertThat(found.api()).isFalse();
    referrers("app");
    assertThat(registry.count("GET referrers")).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {500, 502, 503})
  void referrers_registryInTrouble_isNoEmptyList(int status) {
    fallback("app", list(entry(1, "")));
    registry.on("GET referrers").answer(status);
    assertThat(failure(client.referrers(registry.repository("app"), SUBJECT)).status())
        .isEqualTo(status);
  }

  @Test
  void referrers_secondPageBroken_isNoEmptyList() {
    registry
        .on(
            request ->
                request.target().contains("/referrers/") && !request.target().contains("last"))
        .answer(
            200,
            Map.of(
                "Content-Type",
                MediaType.OCI_INDEX.value(),
                "Link",
                "</v2/app/referrers/%s?last=1>; rel=\"next\"".formatted(SUBJECT)),
            list(entry(1, "")));
    registry.on(request -> request.target().contains("last=1")).answer(200, AS_INDEX, "{");
    assertThat(failure(client.referrers(registry.repository("app"), SUBJECT)).code())
        .isEqualTo(ErrorCode.CORRUPT);
  }

  @Test
  void fallbackTag_thatIsTheSubject_isNoList() {
    registry.referrersApi(false);
    registry.addManifest("app", "1", MediaType.OCI_INDEX, list(entry(1, "")));
    Digest subject = Digest.of(list(entry(1, "")));
    registry.addManifest(
        "app", Tag.referrersOf(subject).value(), MediaType.OCI_INDEX, list(entry(1, "")));
    assertThat(client.referrers(registry.repository("app"), subject).await().descriptors())
        .isEmpty();
  }

  @Test
  void fallbackTag_thatIsNoIndex_isNoList() {
    registry.referrersApi(false);
    fallback("app", "{\"schemaVersion\":2}".getBytes(UTF_8));
    assertThat(referrers("app").descriptors()).isEmpty();
  }

  @Test
  void limitOfRequestsAMinute_isWaitedFor_andIsNoQuota() {
    registry.addManifest("app", "1", MediaType.OCI_INDEX, index());
    registry
        .on("HEAD manifest")
        .times(2)
        .answer(
            429,
            Map.of("RateLimit-Limit", "60", "RateLimit-Remaining", "0", "Retry-After", "1"),
            "Retry later");
    assertThat(client.resolve(registry.reference("app", "1")).await().digest())
        .isEqualTo(Digest.of(index()));
    assertThat(registry.count("HEAD manifest")).isEqualTo(3);
    assertThat(client.rateLimit(registry.name())).isEmpty();
  }

  @Test
  void retryAfterInAThousandYears_failsAtOnce_andSaysADay() {
    registry.addManifest("app", "1", MediaType.OCI_INDEX, index());
    registry
        .on("HEAD manifest")
        .answer(429, Map.of("Retry-After", "Fri, 31 Dec 9999 23:59:59 GMT"), "slow down");
    RegistryException failure = failure(client.resolve(registry.reference("app", "1")));
    assertThat(failure.code()).isEqualTo(ErrorCode.TOOMANYREQUESTS);
    assertThat(failure.retryAfter()).hasDays(1);
    assertThat(registry.count("HEAD manifest")).isEqualTo(1);
  }

  @Test
  void pauseThatIsTooLongToWaitFor_holdsUpNobody() {
    registry.addManifest("app", "1", MediaType.OCI_INDEX, index());
    registry.on("HEAD manifest").times(2).answer(429, Map.of("Retry-After", "20000"), "");
    RegistryException failure = failure(client.resolve(registry.reference("app", "1")));
    assertThat(failure.isLimit()).isTrue();
    assertThat(failure.remedy()).contains("334 minutes");
    assertThat(failure(client.resolve(registry.reference("app", "1"))).retryAfter())
        .hasSeconds(20_000);
    assertThat(client.resolve(registry.reference("app", "1")).await().digest())
        .isEqualTo(Digest.of(index()));
    assertThat(registry.count("HEAD manifest")).isEqualTo(3);
  }
}
