package io.entrepot.proxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.proxy.hook.HookSecrets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code /hooks/}, as senders see it. */
class HookDoorTest {

  private static final byte[] QUAY =
      "{\"docker_url\":\"quay.io/acme/app\",\"updated_tags\":[\"1\"]}".getBytes(UTF_8);

  @TempDir private Path directory;

  private int status(RunningProxy proxy, String method, String target, byte[] body)
      throws Exception {
    return proxy.send(method, target, body, "Content-Type", "application/json").statusCode();
  }

  @Test
  void withoutWebhooks_thereIsNothing() throws Exception {
    try (RunningProxy proxy = RunningProxy.start(directory)) {
      assertThat(status(proxy, "POST", "/hooks/quay?secret=s", QUAY)).isEqualTo(404);
    }
  }

  @Test
  void call_isAnsweredByItsProof_itsSizeAndItsJson() throws Exception {
    List<String> lines = new CopyOnWriteArrayList<>();
    List<String> told = new CopyOnWriteArrayList<>();
    try (RunningProxy proxy =
        RunningProxy.start(
            directory,
            settings -> settings.with(new HookSecrets(Optional.of("s3cret"), Map.of())),
            Duration.ofMinutes(5),
            ConnectionLimits.usual(),
            lines::add)) {
      proxy.server().listener(images -> told.add(images.toString()));
      assertThat(status(proxy, "POST", "/hooks/quay?secret=s3cret", QUAY)).isEqualTo(202);
      assertThat(told).singleElement().asString().contains("quay.io/acme/app").contains("1");
      assertThat(status(proxy, "POST", "/hooks/quay?secret=wrong", QUAY)).isEqualTo(401);
      assertThat(status(proxy, "POST", "/hooks/quay", QUAY)).isEqualTo(401);
      assertThat(status(proxy, "POST", "/hooks/quay?secret=s3cret", "{}".getBytes(UTF_8)))
          .isEqualTo(400);
      assertThat(status(proxy, "POST", "/hooks/quay?secret=s3cret", new byte[1024 * 1024 + 1]))
          .isEqualTo(413);
      assertThat(status(proxy, "POST", "/hooks/other?secret=s3cret", QUAY)).isEqualTo(404);
      assertThat(status(proxy, "GET", "/hooks/quay?secret=s3cret", new byte[0])).isEqualTo(405);
      assertThat(told).hasSize(1);
      assertThat(String.join("", lines)).doesNotContain("s3cret");
    }
  }
}
