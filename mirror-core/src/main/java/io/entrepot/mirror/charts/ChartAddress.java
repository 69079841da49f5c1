package io.entrepot.mirror.charts;

import io.entrepot.oci.MalformedException;
import io.entrepot.oci.Repository;
import io.entrepot.sites.IndexedChart;
import java.net.URI;

/** Where a chart is published. */
public sealed interface ChartAddress {

  /** The chart's name. */
  String name();

  /** Host, path and name: what its key in a lock is made of. */
  Repository key();

  /** A chart in an OCI registry. */
  record InRegistry(Repository key) implements ChartAddress {

    @Override
    public String name() {
      return key.path().substring(key.path().lastIndexOf('/') + 1);
    }

    @Override
    public String toString() {
      return "oci://" + key;
    }
  }

  /**
   * A chart in an HTTP repository.
   *
   * @param repository its address, without a slash at the end
   */
  record InIndex(URI repository, String name, Repository key) implements ChartAddress {

    @Override
    public String toString() {
      return name + " of " + repository;
    }
  }

  /**
   * A chart by its whole address.
   *
   * @throws MalformedException for anything but {@code oci://HOST/PATH/NAME}
   */
  static ChartAddress ofRegistry(String text) {
    if (!text.startsWith("oci://")) {
      throw new MalformedException(
          "not a chart: '%s' (oci://HOST/PATH/NAME, or { repository: https://…, name: … })"
              .formatted(text));
    }
    String address = text.substring("oci://".length());
    if (!address.contains("/")) {
      throw new MalformedException("not a chart: '%s' names no repository".formatted(text));
    }
    return new InRegistry(Repository.parse(address));
  }

  /**
   * A chart of an HTTP repository.
   *
   * @throws MalformedException for an address that is not http or https, and a name that is none
   */
  static ChartAddress ofIndex(String repository, String name) {
    if (repository.startsWith("oci://")) {
      return ofRegistry(withoutSlashes(repository) + "/" + name);
    }
    URI address;
    try {
      address = URI.create(withoutSlashes(repository));
    } catch (IllegalArgumentException e) {
      throw new MalformedException("not an address: '%s'".formatted(repository), e);
    }
    return new InIndex(address, name, IndexedChart.key(address, name));
  }

  private static String withoutSlashes(String text) {
    return text.replaceAll("/+$", "");
  }
}
