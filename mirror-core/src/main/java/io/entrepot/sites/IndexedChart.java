package io.entrepot.sites;

import io.entrepot.oci.MalformedException;
import io.entrepot.oci.RegistryName;
import io.entrepot.oci.Repository;
import java.net.URI;
import java.util.Locale;

/** A chart of an HTTP repository, under the name that a lock has for it: host, path and name. */
public final class IndexedChart {

  private IndexedChart() {}

  /**
   * Its name.
   *
   * @param repository http or https, without user information
   * @throws MalformedException for anything else, and for a name that is no chart's
   */
  public static Repository key(URI repository, String name) {
    String scheme = String.valueOf(repository.getScheme()).toLowerCase(Locale.ROOT);
    if (!(scheme.equals("https") || scheme.equals("http"))
        || repository.getHost() == null
        || repository.getRawUserInfo() != null) {
      throw new MalformedException("not an http or https address without a password in it");
    }
    if (!name.matches("[a-zA-Z0-9]+(?:[._-]+[a-zA-Z0-9]+)*")) {
      throw new MalformedException("not a chart's name: '%s'".formatted(name));
    }
    int port = repository.getPort();
    boolean usual = port < 0 || port == (scheme.equals("https") ? 443 : 80);
    StringBuilder path = new StringBuilder();
    for (String part : (repository.getPath() + "/" + name).split("/", -1)) {
      String plain =
          part.toLowerCase(Locale.ROOT)
              .replaceAll("[^a-z0-9._-]+", "-")
              .replaceAll("^[._-]+|[._-]+$", "");
      if (!plain.isEmpty()) {
        path.append(path.isEmpty() ? "" : "/").append(plain);
      }
    }
    return new Repository(
        new RegistryName(repository.getHost() + (usual ? "" : ":" + port)), path.toString());
  }
}
