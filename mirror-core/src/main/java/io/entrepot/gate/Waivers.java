package io.entrepot.gate;

import io.entrepot.sites.ImagePattern;
import io.entrepot.text.Glob;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The entries of {@code allow:} and which of them were of use. */
final class Waivers {

  private record Compiled(
      Waiver waiver, @Nullable ImagePattern image, @Nullable Glob object, @Nullable Glob file) {}

  private final List<Compiled> waivers = new ArrayList<>();
  private final Set<Waiver> used = Collections.newSetFromMap(new IdentityHashMap<>());

  Waivers(List<Waiver> allow) {
    for (Waiver waiver : allow) {
      waivers.add(
          new Compiled(
              waiver,
              waiver.image() == null ? null : new ImagePattern(waiver.image()),
              waiver.object() == null ? null : Glob.ofName(waiver.object()),
              waiver.file() == null ? null : Glob.of(waiver.file())));
    }
  }

  /** The first entry that accepts the finding, or null. */
  @Nullable Waiver find(Finding finding) {
    Waiver first = null;
    for (Compiled compiled : waivers) {
      if (accepts(compiled, finding)) {
        used.add(compiled.waiver());
        first = first == null ? compiled.waiver() : first;
      }
    }
    return first;
  }

  List<Waiver> unused() {
    return waivers.stream().map(Compiled::waiver).filter(each -> !used.contains(each)).toList();
  }

  private static boolean accepts(Compiled compiled, Finding finding) {
    Waiver waiver = compiled.waiver();
    return waiver.rule().equals(finding.rule())
        && (waiver.target() == null || waiver.target().equals(finding.target()))
        && (compiled.image() == null || isImage(compiled.image(), finding.image()))
        && (compiled.object() == null || isObject(compiled.object(), finding.object()))
        && (compiled.file() == null
            || (finding.file() != null && compiled.file().matches(finding.file())));
  }

  private static boolean isImage(ImagePattern pattern, @Nullable String image) {
    if (image == null) {
      return false;
    }
    return pattern.matchesText(image)
        || ImageUse.reference(image).filter(pattern::matches).isPresent();
  }

  private static boolean isObject(Glob pattern, @Nullable ObjectName object) {
    return object != null
        && (pattern.matches(object.toString())
            || pattern.matches(object.kind() + "/" + object.name()));
  }
}
