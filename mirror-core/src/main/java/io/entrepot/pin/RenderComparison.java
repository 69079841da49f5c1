package io.entrepot.pin;

import io.entrepot.oci.ImageReference;
import io.entrepot.sites.ImageSite;
import io.entrepot.sites.ImageWords;
import io.entrepot.sites.Reading;
import io.entrepot.sites.Segment;
import io.entrepot.sites.format.ImageSites;
import io.entrepot.yaml.Nodes;
import io.entrepot.yaml.ScalarSite;
import io.entrepot.yaml.SourceMapping;
import io.entrepot.yaml.SourceNode;
import io.entrepot.yaml.SourceSequence;
import io.entrepot.yaml.SourceText;
import io.entrepot.yaml.UnreadableYamlException;
import io.entrepot.yaml.YamlScanner;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Compares what is rendered before and after a change: an image may become what the source of
 * digests says of it, and nothing else may change, save what is derived from the text of others
 * (hashes in names, checksums in annotations).
 */
final class RenderComparison {

  private static final String FILE = "manifests.yaml";
  private static final int MAX_DEPTH = 120;

  /** What kustomize puts behind the name of a generated object. */
  private static final Pattern SUFFIX = Pattern.compile("-[2456789bcdfghkmt]{10}$");

  private static final Pattern SUM = Pattern.compile("[0-9a-f]{8,128}");
  private static final Pattern SUM_KEY =
      Pattern.compile("(?i).*(?:checksum|hash|sha(?:1|256)?|config-version).*");

  /** A label that says a version; those of selectors, which cannot change, are none. */
  private static final Pattern VERSION_LABEL =
      Pattern.compile("\\.metadata\\.labels\\.(?:[^\\s]*[./])?version$");

  private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9][A-Za-z0-9./:@_+-]*");
  private static final Pattern SCHEME = Pattern.compile("^[a-z][a-z0-9+.-]*://");

  private final ImageChange change;
  private final Map<Map.Entry<String, String>, Boolean> judged = new HashMap<>();

  RenderComparison(ImageChange change) {
    this.change = change;
  }

  /** What changed by more than it may. */
  List<RenderDifference> of(List<SourceNode> before, List<SourceNode> after) {
    List<RenderDifference> found = new ArrayList<>();
    Map<String, List<SourceNode>> old = byName(before);
    Map<String, List<SourceNode>> now = byName(after);
    old.forEach(
        (name, documents) -> {
          List<SourceNode> others = now.getOrDefault(name, List.of());
          for (int i = 0; i < documents.size(); i++) {
            if (i >= others.size()) {
              found.add(new RenderDifference(name, name, ""));
            } else {
              document(name, documents.get(i), others.get(i), found);
            }
          }
        });
    now.forEach(
        (name, documents) -> {
          if (documents.size() > old.getOrDefault(name, List.of()).size()) {
            found.add(new RenderDifference(name, "", name));
          }
        });
    return found;
  }

  private static Map<String, List<SourceNode>> byName(List<SourceNode> documents) {
    Map<String, List<SourceNode>> named = new LinkedHashMap<>();
    for (SourceNode document : documents) {
      String kind = Nodes.text(document, "kind");
      String name = Nodes.text(document, "metadata", "name");
      String namespace = Nodes.text(document, "metadata", "namespace");
      String shown =
          kind == null
              ? "values"
              : kind
                  + " "
                  + (namespace == null ? "" : namespace + "/")
                  + (name == null ? "" : SUFFIX.matcher(name).replaceFirst(""));
      named.computeIfAbsent(shown, _ -> new ArrayList<>()).add(document);
    }
    return named;
  }

  /** The parts of two documents that images account for. */
  private record Known(
      Set<ScalarSite> before, Set<ScalarSite> after, Map<String, Set<String>> versions) {

    Known() {
      this(
          Collections.newSetFromMap(new IdentityHashMap<>()),
          Collections.newSetFromMap(new IdentityHashMap<>()),
          new HashMap<>());
    }

    /** Whether an image of the document went from one version to the other. */
    boolean isMoved(String old, String now) {
      return versions.getOrDefault(old, Set.of()).contains(now);
    }

    boolean both(ScalarSite old, ScalarSite now) {
      return before.contains(old) && after.contains(now);
    }
  }

  private void document(
      String place, SourceNode before, SourceNode after, List<RenderDifference> found) {
    if (same(before, after, 0)) {
      return;
    }
    Known known = new Known();
    Map<String, List<ImageSite>> old = sites(before);
    Map<String, List<ImageSite>> now = sites(after);
    old.forEach(
        (path, sites) -> {
          List<ImageSite> others = now.getOrDefault(path, List.of());
          if (sites.size() == others.size()) {
            for (int i = 0; i < sites.size(); i++) {
              site(place + " " + path, sites.get(i), others.get(i), known, found);
            }
          }
        });
    walk(place, before, after, known, found, 0);
  }

  private static Map<String, List<ImageSite>> sites(SourceNode document) {
    Map<String, List<ImageSite>> byPath = new LinkedHashMap<>();
    for (ImageSite site : ImageSites.of(FILE, List.of(document), List.of()).sites()) {
      // YAML inside of a text is a document of its own, which is compared when the text is.
      if (site.name().scalar().source() == document.source()) {
        byPath.computeIfAbsent(site.path(), _ -> new ArrayList<>()).add(site);
      }
    }
    return byPath;
  }

  private void site(
      String place, ImageSite before, ImageSite after, Known known, List<RenderDifference> found) {
    String old = before.reading().toString();
    String now = after.reading().toString();
    if (!whole(before.name()) || !whole(after.name())) {
      // A part of a longer text: the whole of it is compared.
      return;
    }
    if (before.reading() instanceof Reading.Unclear && old.equals(now)) {
      return;
    }
    if (!allowed(before.reading(), after.reading())) {
      found.add(new RenderDifference(place, old, now));
    } else if (change.movesVersions()
        && before.reading() instanceof Reading.Image one
        && after.reading() instanceof Reading.Image two
        && two.reference().tag() != null) {
      known
          .versions()
          .computeIfAbsent(String.valueOf(one.reference().orLatest().tag()), _ -> new HashSet<>())
          .add(String.valueOf(two.reference().tag()));
    }
    scalars(before, known.before());
    scalars(after, known.after());
  }

  private static void scalars(ImageSite site, Set<ScalarSite> into) {
    for (Segment segment :
        new @Nullable Segment[] {
          site.registry(), site.name(), site.tag(), site.digest(), site.above()
        }) {
      if (segment != null && whole(segment)) {
        into.add(segment.scalar());
      }
    }
  }

  private static boolean whole(Segment segment) {
    return segment.from() == 0 && segment.to() == segment.scalar().value().length();
  }

  private boolean allowed(Reading before, Reading after) {
    return before.equals(after)
        || judged.computeIfAbsent(
            Map.entry(before.toString(), after.toString()), _ -> change.allows(before, after));
  }

  private void walk(
      String place,
      SourceNode givenBefore,
      SourceNode givenAfter,
      Known known,
      List<RenderDifference> found,
      int depth) {
    SourceNode before = SourceMapping.resolved(givenBefore);
    SourceNode after = SourceMapping.resolved(givenAfter);
    if (depth > MAX_DEPTH) {
      found.add(new RenderDifference(place, "…", "…"));
    } else if (before instanceof SourceMapping old && after instanceof SourceMapping now) {
      mappings(place, old, now, known, found, depth);
    } else if (before instanceof SourceSequence old && after instanceof SourceSequence now) {
      for (int i = 0; i < Math.max(old.items().size(), now.items().size()); i++) {
        String item = "%s[%d]".formatted(place, i);
        if (i >= old.items().size()) {
          found.add(new RenderDifference(item, "", shown(now.items().get(i))));
        } else if (i >= now.items().size()) {
          found.add(new RenderDifference(item, shown(old.items().get(i)), ""));
        } else {
          walk(item, old.items().get(i), now.items().get(i), known, found, depth + 1);
        }
      }
    } else if (before instanceof ScalarSite old && after instanceof ScalarSite now) {
      if (!old.value().equals(now.value())
          && !known.both(old, now)
          && !(VERSION_LABEL.matcher(place).find() && known.isMoved(old.value(), now.value()))) {
        text(place, old.value(), now.value(), found);
      }
    } else {
      found.add(new RenderDifference(place, shown(before), shown(after)));
    }
  }

  private void mappings(
      String place,
      SourceMapping before,
      SourceMapping after,
      Known known,
      List<RenderDifference> found,
      int depth) {
    for (SourceMapping.Entry entry : before.entries()) {
      SourceMapping.Entry other = after.entry(entry.name());
      String key = place.endsWith(" ") ? place + entry.name() : place + "." + entry.name();
      if (other != null) {
        walk(key, entry.value(), other.value(), known, found, depth + 1);
      } else if (!(entry.value() instanceof ScalarSite scalar && known.before().contains(scalar))) {
        found.add(new RenderDifference(key, shown(entry.value()), ""));
      }
    }
    for (SourceMapping.Entry entry : after.entries()) {
      if (before.entry(entry.name()) == null
          && !(entry.value() instanceof ScalarSite scalar && known.after().contains(scalar))) {
        found.add(new RenderDifference(place + "." + entry.name(), "", shown(entry.value())));
      }
    }
  }

  private static String shown(SourceNode node) {
    return node instanceof ScalarSite scalar ? scalar.value() : "a " + node;
  }

  private void text(String place, String before, String after, List<RenderDifference> found) {
    boolean structured = before.indexOf('\n') >= 0 || before.startsWith("{");
    if (structured && nested(place, before, after, found)) {
      return;
    }
    boolean derived =
        SUFFIX.matcher(before).replaceFirst("").equals(SUFFIX.matcher(after).replaceFirst(""))
            || (SUM_KEY.matcher(place).matches()
                && before.length() == after.length()
                && SUM.matcher(before).matches()
                && SUM.matcher(after).matches());
    if (derived || tokens(before, after)) {
      return;
    }
    String old = decoded(before);
    String now = decoded(after);
    if (place.startsWith("Secret ") && old != null && now != null) {
      text(place.substring("Secret ".length()), old, now, found);
      return;
    }
    found.add(new RenderDifference(place, before, after));
  }

  /** Compares texts that are YAML themselves; false where one is not. */
  private boolean nested(String place, String before, String after, List<RenderDifference> found) {
    List<SourceNode> old;
    List<SourceNode> now;
    try {
      old = YamlScanner.scan(SourceText.of(before));
      now = YamlScanner.scan(SourceText.of(after));
    } catch (UnreadableYamlException e) {
      return false;
    }
    if (old.size() != now.size() || old.stream().anyMatch(each -> each instanceof ScalarSite)) {
      return false;
    }
    for (int i = 0; i < old.size(); i++) {
      document(place, old.get(i), now.get(i), found);
    }
    return true;
  }

  /** Whether texts differ by images only, each of which may become the other. */
  private boolean tokens(String before, String after) {
    Matcher old = TOKEN.matcher(before);
    Matcher now = TOKEN.matcher(after);
    int oldEnd = 0;
    int nowEnd = 0;
    while (true) {
      boolean more = old.find();
      if (more != now.find()) {
        return false;
      }
      String between = before.substring(oldEnd, more ? old.start() : before.length());
      if (!between.equals(after.substring(nowEnd, more ? now.start() : after.length()))) {
        return false;
      }
      if (!more) {
        return true;
      }
      if (!old.group().equals(now.group()) && !moved(old.group(), now.group())) {
        return false;
      }
      oldEnd = old.end();
      nowEnd = now.end();
    }
  }

  private boolean moved(String before, String after) {
    Matcher scheme = SCHEME.matcher(before);
    String prefix = scheme.find() ? scheme.group() : "";
    boolean telling = before.indexOf('/') >= 0 || before.indexOf(':') >= 0;
    if (!telling || !after.startsWith(prefix)) {
      return false;
    }
    Optional<ImageReference> old = ImageWords.reference(before.substring(prefix.length()));
    Optional<ImageReference> now = ImageWords.reference(after.substring(prefix.length()));
    return old.isPresent()
        && now.isPresent()
        && allowed(new Reading.Image(old.get()), new Reading.Image(now.get()));
  }

  private static @Nullable String decoded(String text) {
    try {
      return new String(Base64.getDecoder().decode(text.strip()), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private static boolean same(SourceNode givenBefore, SourceNode givenAfter, int depth) {
    SourceNode before = SourceMapping.resolved(givenBefore);
    SourceNode after = SourceMapping.resolved(givenAfter);
    if (depth > MAX_DEPTH) {
      return false;
    }
    if (before instanceof ScalarSite old && after instanceof ScalarSite now) {
      return old.value().equals(now.value());
    }
    if (before instanceof SourceSequence old && after instanceof SourceSequence now) {
      return all(old.items(), now.items(), depth);
    }
    if (before instanceof SourceMapping old && after instanceof SourceMapping now) {
      return old.entries().stream()
              .map(SourceMapping.Entry::name)
              .toList()
              .equals(now.entries().stream().map(SourceMapping.Entry::name).toList())
          && all(
              old.entries().stream().map(SourceMapping.Entry::value).toList(),
              now.entries().stream().map(SourceMapping.Entry::value).toList(),
              depth);
    }
    return false;
  }

  private static boolean all(List<SourceNode> before, List<SourceNode> after, int depth) {
    if (before.size() != after.size()) {
      return false;
    }
    for (int i = 0; i < before.size(); i++) {
      if (!same(before.get(i), after.get(i), depth + 1)) {
        return false;
      }
    }
    return true;
  }
}
