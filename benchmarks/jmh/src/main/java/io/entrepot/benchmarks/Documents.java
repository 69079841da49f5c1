package io.entrepot.benchmarks;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.oci.Digest;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.MediaType;
import io.entrepot.oci.RawManifest;
import io.entrepot.yaml.SourceNode;
import io.entrepot.yaml.SourceText;
import io.entrepot.yaml.YamlScanner;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Manifests as they are received, and a values file as {@code pin} scans it. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class Documents {

  private final byte[] index =
      """
      {"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[%s]}"""
          .formatted(
              entries(
                  8,
                  """
                  {"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"%s","size":%d,\
                  "platform":{"architecture":"arm64","os":"linux","variant":"v8"}}"""))
          .getBytes(UTF_8);
  private final byte[] image =
      """
      {"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":%s,"layers":[%s]}"""
          .formatted(
              entries(
                  1,
                  """
                  {"mediaType":"application/vnd.oci.image.config.v1+json","digest":"%s","size":%d}"""),
              entries(
                  12,
                  """
                  {"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"%s","size":%d}"""))
          .getBytes(UTF_8);
  private final String values =
      IntStream.range(0, 20)
          .mapToObj(
              i ->
                  """
                  component%d:
                    # What this does and when to change it.
                    enabled: true
                    image: {repository: ghcr.io/acme/component-%d, tag: "1.%d.0"}
                    resources:
                      limits: {cpu: 200m, memory: 256Mi}
                    env:
                    - name: ADDRESS
                      value: http://x.example:8080/path
                  """
                      .formatted(i, i, i))
          .collect(Collectors.joining());

  private static String entries(int count, String entry) {
    return IntStream.range(0, count)
        .mapToObj(i -> entry.formatted(Digest.of(new byte[] {(byte) i}), 1000 + i))
        .collect(Collectors.joining(","));
  }

  /** An index of eight platforms: copied, hashed, parsed. */
  @Benchmark
  public Manifest manifestIndex() {
    return RawManifest.of(MediaType.OCI_INDEX, index).parse();
  }

  /** An image of twelve layers: copied, hashed, parsed. */
  @Benchmark
  public Manifest manifestImage() {
    return RawManifest.of(MediaType.OCI_MANIFEST, image).parse();
  }

  /** 180 lines of values. */
  @Benchmark
  public List<SourceNode> yamlScan() {
    return YamlScanner.scan(SourceText.of(values));
  }
}
