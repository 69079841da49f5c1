package io.entrepot.benchmarks;

import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Parsing a reference of each kind and a digest, and hashing a megabyte. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class Values {

  private static final String HEX =
      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

  // Not final: the compiler would know the answers.
  private String shortName = "redis:7.2";
  private String fullName = "registry.example.com:5000/team/project/service:1.27.3-alpine";
  private String pinned = "ghcr.io/ameideio/mirror/bitnami-os-shell:12@sha256:" + HEX;
  private String digest = "sha256:" + HEX;
  private final byte[] megabyte = new byte[1 << 20];

  /** Fills the megabyte. */
  public Values() {
    new Random(1).nextBytes(megabyte);
  }

  /** {@code redis:7.2}. */
  @Benchmark
  public ImageReference referenceShort() {
    return ImageReference.parse(shortName);
  }

  /** A registry with a port, three parts and a tag. */
  @Benchmark
  public ImageReference referenceFull() {
    return ImageReference.parse(fullName);
  }

  /** Tag and digest. */
  @Benchmark
  public ImageReference referencePinned() {
    return ImageReference.parse(pinned);
  }

  /** {@code sha256:…}. */
  @Benchmark
  public Digest digestParse() {
    return Digest.parse(digest);
  }

  /** SHA-256 of 1 MiB. */
  @Benchmark
  public Digest digestOfMebibyte() {
    return Digest.of(megabyte);
  }
}
