package io.entrepot.gate.init;

import io.entrepot.oci.Digest;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.MalformedException;
import io.entrepot.oci.Repository;
import io.entrepot.oci.Tag;
import io.entrepot.registry.NamingRule;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The names of copies below a target, flat: each repository has one of its own, and each digest
 * that is wanted beside a tag a tag of its own.
 */
final class CopyNames {

  private static final NamingRule RULE = NamingRule.FLAT;
  private static final int SHORT_HEX = 12;
  private static final int MAX_TAG = 128;

  private final Repository target;
  private final Map<Repository, String> names = new HashMap<>();
  private final Map<Repository, TreeSet<String>> tags = new HashMap<>();
  private final Map<Repository, Map<String, Integer>> digestsOfTag = new HashMap<>();

  CopyNames(Repository target, Collection<ImageReference> images) {
    this.target = target;
    TreeSet<Repository> repositories = new TreeSet<>(CopyNames::byProminence);
    for (ImageReference image : images) {
      repositories.add(image.repository());
      Tag tag = image.tag();
      if (tag == null) {
        continue;
      }
      if (image.digest() == null) {
        tags.computeIfAbsent(image.repository(), _ -> new TreeSet<>()).add(tag.value());
      } else {
        digestsOfTag
            .computeIfAbsent(image.repository(), _ -> new HashMap<>())
            .merge(tag.value(), 1, Integer::sum);
      }
    }
    Set<String> flat = new HashSet<>();
    repositories.forEach(each -> flat.add(RULE.name(each)));
    Set<String> taken = new HashSet<>();
    for (Repository each : repositories) {
      String name = RULE.name(each);
      if (taken.contains(name)) {
        String host = each.registry().value().replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", "");
        String candidate = host + "-" + name;
        name = candidate;
        for (int i = 2; taken.contains(name) || flat.contains(name); i++) {
          name = candidate + "-" + i;
        }
      }
      taken.add(name);
      names.put(each, name);
    }
  }

  /** Official images first, then Docker Hub's, then by name: they keep the short names. */
  private static int byProminence(Repository a, Repository b) {
    int order = Integer.compare(rank(a), rank(b));
    return order != 0 ? order : a.compareTo(b);
  }

  private static int rank(Repository repository) {
    if (!repository.registry().value().equals("docker.io")) {
      return 2;
    }
    return repository.path().startsWith("library/") ? 0 : 1;
  }

  /** The name that an entry has to give; null where the rule gives the same. */
  @Nullable String as(Repository repository) {
    String name = names.get(repository);
    return RULE.name(repository).equals(name) ? null : name;
  }

  /**
   * The copy of an image whose tag cannot be its own: one by digest alone, or an older digest of a
   * tag that is wanted as well; null for all others.
   */
  @Nullable ImageReference explicit(ImageReference image) {
    Digest digest = image.digest();
    if (digest == null) {
      return null;
    }
    Repository repository = image.repository();
    Tag tag = image.tag();
    TreeSet<String> plain = tags.getOrDefault(repository, new TreeSet<>());
    String base;
    if (tag != null) {
      boolean alone =
          !plain.contains(tag.value())
              && digestsOfTag.getOrDefault(repository, Map.of()).getOrDefault(tag.value(), 0) == 1;
      if (alone) {
        return null;
      }
      base = tag.value();
    } else {
      base = plain.isEmpty() ? "" : plain.last();
    }
    String suffix = digest.shortHex(SHORT_HEX);
    String room = base.substring(0, Math.min(base.length(), MAX_TAG - SHORT_HEX - 1));
    return copy(repository).tagged(new Tag(room.isEmpty() ? suffix : room + "_" + suffix));
  }

  /**
   * The repository of the copies.
   *
   * @throws MalformedException where the name would be too long
   */
  Repository copy(Repository repository) {
    return new Repository(
        target.registry(),
        target.path() + "/" + names.getOrDefault(repository, RULE.name(repository)));
  }
}
