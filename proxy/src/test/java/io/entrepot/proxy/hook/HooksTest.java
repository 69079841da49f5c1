package io.entrepot.proxy.hook;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.proxy.hook.Hooks.Answer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class HooksTest {

  private static final String SECRET = "s3cret";

  private static final Map<HookVendor, String> BODIES =
      Map.of(
          HookVendor.DOCKER_HUB,
          """
          {"callback_url":"https://registry.hub.docker.com/u/svendowideit/testhook/hook/2141b5/",
           "push_data":{"pushed_at":1417566161,"pusher":"trustedbuilder","tag":"1.0"},
           "repository":{"name":"app","namespace":"acme","repo_name":"acme/app","status":"Active"}}
          """,
          HookVendor.GHCR,
          """
          {"action":"published",
           "package":{"id":1,"name":"app","namespace":"acme","ecosystem":"CONTAINER","package_type":"CONTAINER",
             "owner":{"login":"Acme"},
             "package_version":{"version":"sha256:aa","container_metadata":{"tag":{"name":"1.0","digest":"sha256:aa"}}}}}
          """,
          HookVendor.QUAY,
          """
          {"name":"app","repository":"acme/app","namespace":"acme","docker_url":"quay.io/acme/app",
           "homepage":"https://quay.io/repository/acme/app","updated_tags":["1.0"]}
          """,
          HookVendor.HARBOR,
          """
          {"type":"PUSH_ARTIFACT","occur_at":1586922308,"operator":"admin",
           "event_data":{"resources":[{"digest":"sha256:aa","tag":"1.0","resource_url":"hub.harbor.test/acme/app:1.0"}],
             "repository":{"name":"app","namespace":"acme","repo_full_name":"acme/app","repo_type":"private"}}}
          """,
          HookVendor.ACR,
          """
          {"id":"cb8c3971","timestamp":"2017-11-17T16:52:01.343145347Z","action":"push",
           "target":{"mediaType":"application/vnd.docker.distribution.manifest.v2+json","size":524,
             "digest":"sha256:aa","length":524,"repository":"acme/app","tag":"1.0"},
           "request":{"id":"3cbb6949","host":"acme.azurecr.io","method":"PUT","useragent":"docker/17.09"}}
          """,
          HookVendor.ECR,
          """
          {"version":"0","id":"13cde686","detail-type":"ECR Image Action","source":"aws.ecr","account":"123456789012",
           "time":"2019-11-16T01:54:34Z","region":"us-west-2","resources":[],
           "detail":{"result":"SUCCESS","repository-name":"acme/app","image-digest":"sha256:aa","action-type":"PUSH","image-tag":"1.0"}}
          """);

  private static final Map<HookVendor, String> NAMES =
      Map.of(
          HookVendor.DOCKER_HUB, "docker.io/acme/app",
          HookVendor.GHCR, "ghcr.io/acme/app",
          HookVendor.QUAY, "quay.io/acme/app",
          HookVendor.HARBOR, "hub.harbor.test/acme/app",
          HookVendor.ACR, "acme.azurecr.io/acme/app",
          HookVendor.ECR, "123456789012.dkr.ecr.us-west-2.amazonaws.com/acme/app");

  @TempDir private Path directory;

  private final AtomicReference<Instant> now =
      new AtomicReference<>(Instant.parse("2026-11-27T10:00:00Z"));
  private final List<String> told = new ArrayList<>();
  private Hooks hooks = hooks(new HookSecrets(Optional.of(SECRET), Map.of()));

  @BeforeEach
  void start() {
    hooks = hooks(new HookSecrets(Optional.of(SECRET), Map.of()));
  }

  private Hooks hooks(HookSecrets secrets) {
    InstantSource source = now::get;
    Clock clock = source.withZone(ZoneOffset.UTC);
    Hooks made = new Hooks(secrets, directory == null ? Path.of("x") : directory, clock);
    made.listener(
        images ->
            images.forEach(
                image ->
                    told.add(image.repository() + image.tag().map(tag -> ":" + tag).orElse(""))));
    return made;
  }

  private static String body(HookVendor vendor) {
    return Objects.requireNonNull(BODIES.get(vendor));
  }

  private static String signed(String body) throws Exception {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(SECRET.getBytes(UTF_8), "HmacSHA256"));
    return "sha256=" + HexFormat.of().formatHex(mac.doFinal(body.getBytes(UTF_8)));
  }

  private Answer call(
      HookVendor vendor,
      String body,
      @Nullable String authorization,
      @Nullable String signature,
      @Nullable String query) {
    return hooks.call(vendor, body.getBytes(UTF_8), authorization, signature, query);
  }

  private Answer proved(HookVendor vendor, String body) throws Exception {
    return switch (vendor.proof()) {
      case SIGNATURE -> call(vendor, body, null, signed(body), null);
      case HEADER -> call(vendor, body, "Bearer " + SECRET, null, null);
      case QUERY -> call(vendor, body, null, null, SECRET);
    };
  }

  @ParameterizedTest
  @EnumSource
  void event_ofEachVendor_namesItsImage(HookVendor vendor) throws Exception {
    assertThat(proved(vendor, body(vendor))).isEqualTo(Answer.ACCEPTED);
    assertThat(told).containsExactly(Objects.requireNonNull(NAMES.get(vendor)) + ":1.0");
  }

  @ParameterizedTest
  @EnumSource
  void withoutOrWithAWrongSecret_nobodyIsTold(HookVendor vendor) throws Exception {
    String body = body(vendor);
    assertThat(call(vendor, body, null, null, null)).isEqualTo(Answer.UNPROVED);
    assertThat(call(vendor, body, "Bearer x", "sha256=00", "x")).isEqualTo(Answer.UNPROVED);
    assertThat(call(vendor, body, "", "", "")).isEqualTo(Answer.UNPROVED);
    // A body that was changed on the way.
    assertThat(call(vendor, body + " ", null, signed(body), null)).isEqualTo(Answer.UNPROVED);
    assertThat(told).isEmpty();
  }

  @Test
  void github_provesByItsSignatureAlone() throws Exception {
    String body = body(HookVendor.GHCR);
    assertThat(call(HookVendor.GHCR, body, SECRET, null, SECRET)).isEqualTo(Answer.UNPROVED);
    assertThat(call(HookVendor.GHCR, body, "Bearer " + SECRET, null, null))
        .isEqualTo(Answer.UNPROVED);
  }

  @Test
  void header_isTakenWithAndWithoutBearer_orTheQuery_whereThereIsNone() {
    String body = body(HookVendor.HARBOR);
    assertThat(call(HookVendor.HARBOR, body, SECRET, null, null)).isEqualTo(Answer.ACCEPTED);
    assertThat(call(HookVendor.HARBOR, body, null, null, SECRET)).isEqualTo(Answer.ACCEPTED);
    assertThat(call(HookVendor.HARBOR, body, "wrong", null, SECRET)).isEqualTo(Answer.UNPROVED);
    assertThat(call(HookVendor.QUAY, body(HookVendor.QUAY), SECRET, null, null))
        .isEqualTo(Answer.UNPROVED);
  }

  @Test
  void vendorWithASecretOfItsOwn_isNotProvedByTheCommonOne() {
    hooks = hooks(new HookSecrets(Optional.of(SECRET), Map.of(HookVendor.QUAY, "other")));
    String body = body(HookVendor.QUAY);
    assertThat(call(HookVendor.QUAY, body, null, null, SECRET)).isEqualTo(Answer.UNPROVED);
    assertThat(call(HookVendor.QUAY, body, null, null, "other")).isEqualTo(Answer.ACCEPTED);
    hooks = hooks(new HookSecrets(Optional.empty(), Map.of(HookVendor.QUAY, "other")));
    assertThat(call(HookVendor.HARBOR, body(HookVendor.HARBOR), "other", null, null))
        .isEqualTo(Answer.UNPROVED);
  }

  @Test
  void sameBodyOfGithub_isAcceptedAndDoesNothing_alsoAfterARestart_untilADayIsOver()
      throws Exception {
    String body = body(HookVendor.GHCR);
    assertThat(proved(HookVendor.GHCR, body)).isEqualTo(Answer.ACCEPTED);
    assertThat(proved(HookVendor.GHCR, body)).isEqualTo(Answer.ACCEPTED);
    start();
    assertThat(proved(HookVendor.GHCR, body)).isEqualTo(Answer.ACCEPTED);
    assertThat(told).hasSize(1);
    now.updateAndGet(time -> time.plus(Duration.ofHours(25)));
    assertThat(proved(HookVendor.GHCR, body)).isEqualTo(Answer.ACCEPTED);
    assertThat(told).hasSize(2);
    // Others say the same of two pushes.
    proved(HookVendor.QUAY, body(HookVendor.QUAY));
    proved(HookVendor.QUAY, body(HookVendor.QUAY));
    assertThat(told).hasSize(4);
  }

  @Test
  void tooManyInAMinute_areRefused_unprovedOnesDoNotCount() throws Exception {
    String body = body(HookVendor.QUAY);
    for (int i = 0; i < 500; i++) {
      assertThat(call(HookVendor.QUAY, body, null, null, "x")).isEqualTo(Answer.UNPROVED);
    }
    for (int i = 0; i < 300; i++) {
      assertThat(proved(HookVendor.QUAY, body)).isEqualTo(Answer.ACCEPTED);
    }
    assertThat(proved(HookVendor.QUAY, body)).isEqualTo(Answer.TOO_MANY);
    assertThat(proved(HookVendor.HARBOR, body(HookVendor.HARBOR))).isEqualTo(Answer.ACCEPTED);
    now.updateAndGet(time -> time.plus(Duration.ofMinutes(1)));
    assertThat(proved(HookVendor.QUAY, body)).isEqualTo(Answer.ACCEPTED);
  }

  @ParameterizedTest
  @EnumSource
  void whatIsNotTheVendorsJson_isNonsense(HookVendor vendor) throws Exception {
    for (String body :
        List.of("", "{", "{}", "[[]]", "null", "7", "{\"repository\":{\"repo_name\":\"../..\"}}")) {
      assertThat(proved(vendor, body)).as(body).isEqualTo(Answer.NONSENSE);
    }
    assertThat(told).isEmpty();
  }

  @Test
  void pings_andOtherPackages_doNothing() throws Exception {
    assertThat(proved(HookVendor.GHCR, "{\"zen\":\"Keep it logically awesome.\",\"hook_id\":1}"))
        .isEqualTo(Answer.ACCEPTED);
    assertThat(
            proved(
                HookVendor.GHCR,
                "{\"action\":\"published\",\"package\":{\"name\":\"x\",\"package_type\":\"npm\"}}"))
        .isEqualTo(Answer.ACCEPTED);
    assertThat(proved(HookVendor.ACR, "{\"id\":\"1\",\"action\":\"ping\"}"))
        .isEqualTo(Answer.ACCEPTED);
    assertThat(told).isEmpty();
  }

  @Test
  void eventGridAndCloudEvents_areUnderstood_aManifestWithoutATagToo() throws Exception {
    assertThat(
            proved(
                HookVendor.ACR,
                "[{\"eventType\":\"Microsoft.ContainerRegistry.ImagePushed\",\"data\":%s}]"
                    .formatted(body(HookVendor.ACR))))
        .isEqualTo(Answer.ACCEPTED);
    assertThat(
            proved(
                HookVendor.HARBOR,
                """
                {"specversion":"1.0","type":"harbor.artifact.pushed","data":{"resources":
                  [{"digest":"sha256:%1$s","resource_url":"hub.test/acme/app@sha256:%1$s"}]}}
                """
                    .formatted("a".repeat(64))))
        .isEqualTo(Answer.ACCEPTED);
    assertThat(told).containsExactly("acme.azurecr.io/acme/app:1.0", "hub.test/acme/app");
  }
}
