package io.entrepot.mirror;

import io.entrepot.oci.Tag;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** Lets the tags of a repository through a {@link TagFilter}. */
final class TagSelector {

  /** Cosign's attachments and referrers lists are no images, whatever their names match. */
  private static final Pattern ATTACHMENT =
      Pattern.compile("sha(?:256-[0-9a-f]{64}|512-[0-9a-f]{64,128})(?:\\..+)?");

  private static final int NEAREST = 5;

  private TagSelector() {}

  /** The wanted tags: versions from the highest down, then the others by name. */
  static List<Tag> select(List<Tag> tags, TagFilter filter) {
    List<Tag> wanted =
        tags.stream()
            .distinct()
            .filter(tag -> !isAttachment(tag) && matches(tag, filter))
            .sorted(newestFirst())
            .toList();
    return filter.newest() > 0 ? wanted.stream().limit(filter.newest()).toList() : wanted;
  }

  static boolean isAttachment(Tag tag) {
    return ATTACHMENT.matcher(tag.value()).matches();
  }

  static boolean matches(Tag tag, TagFilter filter) {
    if (filter.match() != null && !filter.match().matcher(tag.value()).find()) {
      return false;
    }
    if (filter.semver() == null) {
      return true;
    }
    Optional<SemanticVersion> version = SemanticVersion.parse(tag.value());
    return version.isPresent() && filter.semver().contains(version.get());
  }

  /** Why nothing was selected, with tags that nearly were. */
  static String nothing(List<Tag> tags, TagFilter filter) {
    List<Tag> images = tags.stream().filter(tag -> !isAttachment(tag)).toList();
    StringBuilder text = new StringBuilder();
    List<String> asked = new ArrayList<>();
    if (filter.semver() != null) {
      asked.add("semver \"%s\"".formatted(filter.semver()));
    }
    if (filter.match() != null) {
      asked.add("match \"%s\"".formatted(filter.match().pattern()));
    }
    text.append(asked.isEmpty() ? "any tag" : String.join(" and ", asked));
    text.append(" matches none of %d tags".formatted(images.size()));
    long suffixed = images.stream().filter(tag -> isOnlySuffixed(tag, filter)).count();
    if (suffixed > 0) {
      text.append(
          ("; %d in the range count as pre-releases for their suffix: end a version of the range in"
                  + " -0 to take them (\">=7-0\" takes 7.4.1-alpine)")
              .formatted(suffixed));
    }
    if (!images.isEmpty()) {
      text.append("; nearest: ").append(String.join(", ", nearest(images, filter)));
    }
    return text.toString();
  }

  /** Whether nothing but its suffix keeps a tag out of the range. */
  private static boolean isOnlySuffixed(Tag tag, TagFilter filter) {
    if (filter.semver() == null
        || (filter.match() != null && !filter.match().matcher(tag.value()).find())) {
      return false;
    }
    SemverRange range = filter.semver();
    return SemanticVersion.parse(tag.value())
        .filter(version -> version.preRelease() != null && range.containsNumbersOf(version))
        .isPresent();
  }

  private static List<String> nearest(List<Tag> tags, TagFilter filter) {
    return tags.stream()
        .sorted(
            Comparator.<Tag>comparingInt(tag -> -likeness(tag, filter))
                .thenComparing(newestFirst()))
        .limit(NEAREST)
        .map(Tag::value)
        .toList();
  }

  /** How much a tag has in common with what is asked: a condition met, a prefix shared. */
  private static int likeness(Tag tag, TagFilter filter) {
    int likeness = 0;
    if (filter.match() != null) {
      if (filter.match().matcher(tag.value()).find()) {
        likeness += 100;
      }
      String wanted = filter.match().pattern().replaceAll("[^A-Za-z0-9._-]|\\\\.", "");
      String lower = tag.value().toLowerCase(Locale.ROOT);
      int shared = 0;
      while (shared < Math.min(wanted.length(), lower.length())
          && Character.toLowerCase(wanted.charAt(shared)) == lower.charAt(shared)) {
        shared++;
      }
      likeness += shared;
    }
    if (filter.semver() != null && SemanticVersion.parse(tag.value()).isPresent()) {
      likeness += 10;
    }
    return likeness;
  }

  private static Comparator<Tag> newestFirst() {
    return (left, right) -> {
      Optional<SemanticVersion> leftVersion = SemanticVersion.parse(left.value());
      Optional<SemanticVersion> rightVersion = SemanticVersion.parse(right.value());
      if (leftVersion.isPresent() && rightVersion.isPresent()) {
        int order = rightVersion.get().compareTo(leftVersion.get());
        return order != 0 ? order : left.compareTo(right);
      }
      if (leftVersion.isPresent() != rightVersion.isPresent()) {
        return leftVersion.isPresent() ? -1 : 1;
      }
      return left.compareTo(right);
    };
  }
}
