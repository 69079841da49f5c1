package io.entrepot.mirror;

import io.entrepot.lock.LockFileCodec;
import io.entrepot.lock.LockedImage;
import io.entrepot.lock.Sight;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.policy.Policy;
import io.entrepot.policy.PolicyReader;
import io.entrepot.yaml.YamlDocument;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** Runs under a policy, at times that the test says. */
abstract class PolicySetup extends MirrorSetup {

  static final Instant START = Instant.parse("2026-11-01T08:00:00Z");

  final ImageReference key = source.reference("acme/tool", "1.0");
  String policy = "minAge: 72h";
  Instant now = START;

  static Policy policy(String text, Path directory) {
    return PolicyReader.read(YamlDocument.parse("policy.yaml", text), directory);
  }

  MirrorOptions options() {
    return MirrorOptions.DEFAULTS.under(
        new RunPolicy(policy(policy, Path.of("src/test/resources/trust")), now, true));
  }

  /** One image under the policy, and the lock as it is read back from its text. */
  ImageResult mirror() {
    return mirror(PLAIN);
  }

  ImageResult mirror(CopyPolicy copied) {
    ImageResult result = only(run(options(), copy("1.0", copied)));
    lock = lock.map(each -> LockFileCodec.parse("lock", LockFileCodec.format(each)));
    return result;
  }

  void later(Duration time) {
    now = now.plus(time);
  }

  void hours(int hours) {
    later(Duration.ofHours(hours));
  }

  /** The tag means a new release. */
  Descriptor release(String name) {
    return images.index(
        "1.0",
        images.image("linux/amd64", images.layer(name + " a")),
        images.image("linux/arm64", images.layer(name + " b")));
  }

  Optional<LockedImage> locked() {
    return lock.flatMap(each -> Optional.ofNullable(each.images().get(key)));
  }

  /** What waits, oldest first. */
  List<Digest> waiting() {
    return lock.stream()
        .flatMap(
            each ->
                each.images().containsKey(key)
                    ? Objects.requireNonNull(each.images().get(key)).trust().waiting().stream()
                    : each.awaited().containsKey(key)
                        ? Objects.requireNonNull(each.awaited().get(key)).waiting().stream()
                        : Stream.of())
        .map(Sight::digest)
        .toList();
  }
}
