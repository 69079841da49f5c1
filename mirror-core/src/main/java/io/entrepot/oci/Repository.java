package io.entrepot.oci;

import java.util.regex.Pattern;

/**
 * A repository in a registry.
 *
 * @param path the name inside the registry, at most 255 characters with the registry (grammar:
 *     distribution-spec 1.1, "Pulling manifests")
 */
public record Repository(RegistryName registry, String path) implements Comparable<Repository> {

  private static final Pattern PATH =
      Pattern.compile(
          "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*)*");

  /** Checks the grammar of {@code path}. */
  public Repository {
    if (path.length() > 255 || !PATH.matcher(path).matches()) {
      throw new MalformedException(
          ("not a repository: '%s' (lower-case letters, digits, and . _ - between them; parts"
                  + " separated by /)")
              .formatted(MalformedException.printable(path)));
    }
  }

  /**
   * Parses a repository as people write it, with Docker's rules: {@code redis} is {@code
   * docker.io/library/redis}.
   *
   * @throws MalformedException if there is a tag or digest, or the grammar is not met
   */
  public static Repository parse(String text) {
    ImageReference reference = ImageReference.parse(text);
    if (reference.tag() != null || reference.digest() != null) {
      throw new MalformedException(
          "expected a repository without tag or digest: '%s'"
              .formatted(MalformedException.printable(text)));
    }
    return reference.repository();
  }

  /** Docker's rules for a first part that may be a registry, and for {@code library/}. */
  static Repository parseName(String name) {
    int slash = name.indexOf('/');
    if (!RegistryName.beginsName(name)) {
      return new Repository(RegistryName.DOCKER_HUB, slash < 0 ? "library/" + name : name);
    }
    RegistryName registry = new RegistryName(name.substring(0, slash));
    String path = name.substring(slash + 1);
    boolean official = registry.equals(RegistryName.DOCKER_HUB) && path.indexOf('/') < 0;
    return new Repository(registry, official ? "library/" + path : path);
  }

  /** This repository's image with a tag. */
  public ImageReference tagged(Tag tag) {
    return new ImageReference(this, tag, null);
  }

  /** This repository's content with a digest. */
  public ImageReference at(Digest digest) {
    return new ImageReference(this, null, digest);
  }

  /** Whether {@code other} is this repository or lies below it. */
  public boolean contains(Repository other) {
    return registry.equals(other.registry)
        && (path.equals(other.path) || other.path.startsWith(path + "/"));
  }

  @Override
  public int compareTo(Repository other) {
    int different = firstDifference(other);
    return different != 0 ? different : toString().compareTo(other.toString());
  }

  /**
   * How the texts of two repositories of one registry compare, whatever follows; 0 where they are
   * not decided by a character that both paths have.
   */
  int firstDifference(Repository other) {
    if (!registry.equals(other.registry)) {
      return 0;
    }
    int common = Math.min(path.length(), other.path.length());
    for (int i = 0; i < common; i++) {
      int difference = path.charAt(i) - other.path.charAt(i);
      if (difference != 0) {
        return difference;
      }
    }
    return 0;
  }

  @Override
  public String toString() {
    return registry + "/" + path;
  }
}
