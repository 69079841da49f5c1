package io.entrepot.benchmarks;

import io.entrepot.oci.RegistryName;
import io.entrepot.proxy.route.DistributionPath;
import io.entrepot.proxy.route.NameResolver;
import io.entrepot.proxy.route.RoutedRepository;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** From a request's path to what is meant, and from its name to whose it is. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class Routing {

  private final NameResolver resolver =
      new NameResolver(
          Set.of(RegistryName.DOCKER_HUB, new RegistryName("ghcr.io"), new RegistryName("quay.io")),
          Set.of(new RegistryName("127.0.0.1:5000")),
          null);

  // Not final: the compiler would know the answers.
  private String tagPath = "/v2/library/redis/manifests/7.2";
  private String blobPath =
      "/v2/ghcr.io/acme/team/service/blobs/sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  private String name = "library/redis";
  private String prefixed = "ghcr.io/acme/team/service";
  private String namespace = "docker.io";
  private String host = "127.0.0.1:5000";

  /** A manifest by tag. */
  @Benchmark
  public Optional<DistributionPath> routeManifest() {
    return DistributionPath.parse(tagPath);
  }

  /** A blob in a repository of four parts. */
  @Benchmark
  public Optional<DistributionPath> routeBlob() {
    return DistributionPath.parse(blobPath);
  }

  /** By {@code ns}, as containerd asks. */
  @Benchmark
  public Optional<RoutedRepository> resolveNamespace() {
    return resolver.resolve(name, namespace, host);
  }

  /** By the first part of the path. */
  @Benchmark
  public Optional<RoutedRepository> resolvePrefix() {
    return resolver.resolve(prefixed, null, host);
  }
}
