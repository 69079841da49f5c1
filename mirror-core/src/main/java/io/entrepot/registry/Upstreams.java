package io.entrepot.registry;

import io.entrepot.oci.RegistryName;
import io.entrepot.oci.Repository;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** How each registry is reached, and which repositories hold copies of which others. */
public final class Upstreams {

  private final Function<RegistryName, Upstream> configured;
  private final Function<Repository, List<Repository>> copies;

  private Upstreams(
      Function<RegistryName, Upstream> configured, Function<Repository, List<Repository>> copies) {
    this.configured = configured;
    this.copies = copies;
  }

  /** Every registry as its name alone says. */
  public static Upstreams standard() {
    return each(Upstream::of);
  }

  /** Registries of a configuration; those it does not name are as in {@link #standard}. */
  public static Upstreams configured(Map<RegistryName, Upstream> registries) {
    Map<RegistryName, Upstream> known = Map.copyOf(registries);
    return each(
        name -> {
          Upstream upstream = known.get(name);
          return upstream == null ? Upstream.of(name) : upstream;
        });
  }

  /** Registries by a rule. It is asked for every request, on any thread. */
  public static Upstreams each(Function<RegistryName, Upstream> rule) {
    return new Upstreams(rule, repository -> List.of());
  }

  /**
   * The same with copies.
   *
   * @param holders other repositories that hold the same content under the same digests; content
   *     named by a digest is asked for there before a registry's endpoints. Asked for every
   *     request, on any thread.
   */
  public Upstreams withCopies(Function<Repository, List<Repository>> holders) {
    return new Upstreams(configured, holders);
  }

  /** How a registry is reached. */
  public Upstream of(RegistryName registry) {
    return configured.apply(registry);
  }

  /** Where the content of a repository lies beside its own registry. */
  List<Repository> copiesOf(Repository repository) {
    return copies.apply(repository);
  }
}
