package io.entrepot.proxy;

import io.entrepot.config.SpecLoader;
import io.entrepot.policy.PolicyReader;
import io.entrepot.proxy.admission.PolicySettings;
import io.entrepot.proxy.admission.PolicySettings.Mode;
import io.entrepot.testing.TestRegistry;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;

/** A registry of ours that obeys a policy file, by a clock that a test moves. */
final class PolicyFixture {

  static final Instant START = Instant.parse("2026-11-27T10:00:00Z");

  private final Path directory;
  private final AtomicReference<Instant> now = new AtomicReference<>(START);

  PolicyFixture(Path directory) {
    this.directory = directory;
  }

  Path file() {
    return directory.resolve("policy.yaml");
  }

  Path store() {
    return directory.resolve("store");
  }

  void write(String yaml) throws IOException {
    Files.writeString(file(), yaml);
  }

  void denying(Object digest) throws IOException {
    write("deny: [{ digest: \"%s\", reason: poisoned }]\n".formatted(digest));
  }

  void pass(Duration time) {
    now.updateAndGet(instant -> instant.plus(time));
  }

  PolicySettings settings(Mode mode) {
    InstantSource source = now::get;
    Clock clock = source.withZone(ZoneOffset.UTC);
    return new PolicySettings(
        file(),
        mode,
        () -> {
          Set<Path> files = new HashSet<>(Set.of(file()));
          return new PolicySettings.Reading(
              new SpecLoader(name -> null)
                  .load(file(), (text, beside) -> PolicyReader.read(text, beside, files::add)),
              files);
        },
        clock);
  }

  RunningProxy start(TestRegistry... endpoints) {
    return start(Mode.ENFORCE, settings -> settings, endpoints);
  }

  RunningProxy start(Mode mode, UnaryOperator<ProxySettings> change, TestRegistry... endpoints) {
    return RunningProxy.start(
        store(),
        settings -> change.apply(settings).with(settings(mode)),
        Duration.ofMinutes(5),
        endpoints);
  }

  static String text(HttpResponse<byte[]> response) {
    return new String(response.body(), StandardCharsets.UTF_8);
  }
}
