package io.entrepot.pin;

import io.entrepot.oci.Digest;
import io.entrepot.oci.RegistryName;
import io.entrepot.oci.Repository;
import io.entrepot.oci.Tag;
import io.entrepot.sites.FloatingTags;
import io.entrepot.sites.ImageSite;
import io.entrepot.sites.LeftReason;
import io.entrepot.sites.Reading;
import io.entrepot.sites.Segment;
import io.entrepot.sites.SiteRule;
import io.entrepot.yaml.ScalarSite;
import io.entrepot.yaml.SourceMapping;
import io.entrepot.yaml.TextEdit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Says which segments of a site change, and to what. */
final class SiteWriter {

  /**
   * A replacement for a segment; several sites may share the segment and must replacement the same.
   *
   * @param text equal to the segment's own text where it is to stay
   */
  record Replacement(Segment segment, String text) {
    boolean changes() {
      return !segment.text().equals(text);
    }
  }

  /** What is written besides segments: a key renamed, a line added. */
  record Addition(int line, String old, String text, TextEdit edit) {}

  /** What a site needs; or why it cannot be had. */
  sealed interface Outcome {
    /** The site's segments, those that stay included. */
    record Replacements(List<Replacement> replacements, List<Addition> additions)
        implements Outcome {

      /** Whether anything is written at all. */
      boolean change() {
        return !additions.isEmpty() || replacements.stream().anyMatch(Replacement::changes);
      }
    }

    /** It cannot be written. */
    record Refused(LeftReason reason, String message) implements Outcome {}
  }

  /** Maps whose digest key no template of their chart reads (kube-prometheus-stack). */
  private static final Set<String> UNREAD_DIGEST = Set.of("crds.upgradeJob.image.busybox");

  /** Before the value of a key that wants the hex digits alone. */
  private static final Pattern BARE = Pattern.compile("\\bsha(?:256)?[\"']?\\s*:\\s*$");

  private final FloatingTags floating;
  private final List<SiteRule> rules;
  private final Map<ImageSite, SiteRule.DigestField> forms;

  SiteWriter(FloatingTags floating, List<SiteRule> rules) {
    this(floating, rules, Map.of());
  }

  /**
   * @param forms where the digests of some sites go, unless a rule says otherwise
   */
  SiteWriter(
      FloatingTags floating, List<SiteRule> rules, Map<ImageSite, SiteRule.DigestField> forms) {
    this.floating = floating;
    this.rules = rules;
    this.forms = forms;
  }

  Outcome write(ImageSite site, Resolution.Pinned target) {
    return switch (site.layout()) {
      case STRING, REF, TEXT, SERVICE -> string(site, target);
      case MAP, FLAT, SPLIT -> map(site, target);
      case OPERATOR ->
          unlessRight(
              site,
              target,
              "an operator joins repository, image and version; it would be %s@%s, and whether the operator takes a digest its documentation says"
                  .formatted(target.repository(), target.digest()));
      case KUSTOMIZE -> kustomize(site, target);
      case KUSTOMIZE_TEXT -> kustomizeText(site, target);
      case CHART -> new Outcome.Refused(LeftReason.NOT_WRITABLE, "a chart, not an image");
    };
  }

  Outcome write(ImageSite site, Resolution.Moved target) {
    List<Replacement> replacements = new ArrayList<>();
    String path = target.repository().toString();
    if (site.reading() instanceof Reading.Chart chart
        && chart.repository().equals(target.repository())) {
      keep(replacements, site.registry());
      replacements.add(new Replacement(site.name(), site.name().text()));
    } else if (site.registry() == null) {
      String written = site.name().text();
      String rest = written.substring(nameOf(written).length());
      int at = rest.indexOf('@');
      if (at >= 0 && target.digest() != null) {
        rest = rest.substring(0, at + 1) + target.digest();
      }
      replacements.add(new Replacement(site.name(), path + rest));
    } else {
      String last = lastPart(path);
      if (!last.equals(lastPart(site.name().text()))) {
        return renamed(last);
      }
      replacements.add(new Replacement(site.registry(), IndexedCharts.around(site, path)));
      replacements.add(new Replacement(site.name(), last));
    }
    if (site.digest() != null && target.digest() != null) {
      replacements.add(new Replacement(site.digest(), target.digest().toString()));
    }
    return new Outcome.Replacements(replacements, List.of());
  }

  /** A chart's archive unpacks to a directory of the chart's own name, which is looked for. */
  private static Outcome renamed(String copy) {
    return new Outcome.Refused(
        LeftReason.NOT_WRITABLE,
        "the copy is named '%s', and a chart's name cannot change".formatted(copy));
  }

  private static String lastPart(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  static Outcome write(ImageSite site, Resolution.Copied target) {
    List<Replacement> replacements = new ArrayList<>();
    replacements.add(new Replacement(site.name(), target.part()));
    String digest = target.digest();
    if (site.digest() != null && digest != null) {
      replacements.add(new Replacement(site.digest(), digest));
    }
    return new Outcome.Replacements(replacements, List.of());
  }

  private Outcome string(ImageSite site, Resolution.Pinned target) {
    String name = spelled(site, site.name().text(), target.repository());
    Tag tag = target.tag();
    String shownTag = tag == null || floating.matches(tag) ? "" : ":" + tag;
    return replacements(new Replacement(site.name(), name + shownTag + "@" + target.digest()));
  }

  private Outcome kustomizeText(ImageSite site, Resolution.Pinned target) {
    String value = site.name().text();
    int equals = value.indexOf('=');
    String image = value.substring(equals + 1);
    String name = spelled(site, image, target.repository());
    String old =
        equals >= 0 ? value.substring(0, equals) : nameOf(image).equals(name) ? "" : nameOf(image);
    return replacements(
        new Replacement(
            site.name(), (old.isEmpty() ? "" : old + "=") + name + "@" + target.digest()));
  }

  private Outcome map(ImageSite site, Resolution.Pinned target) {
    List<Replacement> replacements = new ArrayList<>();
    Repository repository = target.repository();
    boolean moves =
        !(site.reading() instanceof Reading.Image image
            && image.reference().repository().equals(repository));
    Segment registry = site.registry();
    if (!moves) {
      keep(replacements, registry);
      replacements.add(new Replacement(site.name(), site.name().text()));
    } else if (registry == null
        || (registry.isEmpty() && RegistryName.beginsName(site.name().text()))) {
      replacements.add(new Replacement(site.name(), repository.toString()));
    } else {
      String host = repository.registry().value();
      if (registry.text().contains("/")) {
        // A registry with a path goes on having one; the images below it must agree on which.
        String full = repository.toString();
        host =
            full.startsWith(registry.text() + "/")
                ? registry.text()
                : full.substring(0, full.lastIndexOf('/'));
      }
      replacements.add(new Replacement(registry, host));
      replacements.add(
          new Replacement(site.name(), repository.toString().substring(host.length() + 1)));
    }
    return digest(site, target, replacements);
  }

  /** Where no other name fits, what is right already is kept. */
  private static Outcome unlessRight(ImageSite site, Resolution.Pinned target, String why) {
    return site.reading() instanceof Reading.Image image
            && image.reference().repository().equals(target.repository())
            && target.digest().equals(image.reference().digest())
        ? new Outcome.Replacements(List.of(), List.of())
        : new Outcome.Refused(LeftReason.NOT_WRITABLE, why);
  }

  private Outcome digest(ImageSite site, Resolution.Pinned target, List<Replacement> replacements) {
    Digest digest = target.digest();
    SiteRule.DigestField where = digestField(site);
    Segment tag = site.tag();
    String oldTag = tag == null ? "" : tag.text();
    int at = oldTag.indexOf('@');
    String plainTag = at < 0 ? oldTag : oldTag.substring(0, at);
    String newTag = plainTag.isEmpty() || target.tag() == null ? plainTag : target.tag().value();
    boolean tagHoldsIt =
        where == null && at >= 0 && site.digest() != null && site.digest().isEmpty();
    boolean inDigest = site.digest() != null && where != SiteRule.DigestField.TAG && !tagHoldsIt;
    if (where == SiteRule.DigestField.REPOSITORY) {
      return inRepository(site, target, replacements, newTag);
    }
    if (where == SiteRule.DigestField.NONE) {
      return new Outcome.Refused(
          LeftReason.NOT_WRITABLE, "pin.yaml says that the chart has no field for a digest");
    }
    if (inDigest
        && tag != null
        && site.digest() != null
        && tag.marker().contains("$imagepolicy")
        && !site.digest().marker().contains("$imagepolicy")) {
      return new Outcome.Refused(
          LeftReason.NOT_WRITABLE,
          "Flux writes the tag on line %d: a digest beside it would stay behind; let Flux write both"
              .formatted(tag.line()));
    }
    if (inDigest && site.digest() != null) {
      if (tag != null) {
        replacements.add(new Replacement(tag, at < 0 ? newTag : newTag + "@" + digest));
      }
      replacements.add(
          new Replacement(site.digest(), bare(site.digest()) ? digest.hex() : digest.toString()));
      return new Outcome.Replacements(replacements, List.of());
    }
    if (site.digest() == null
        && (where == SiteRule.DigestField.DIGEST || where == SiteRule.DigestField.SHA)) {
      boolean sha = where == SiteRule.DigestField.SHA;
      Segment after = tag == null ? site.name() : tag;
      Optional<Addition> line =
          added(
              site.mapping(),
              after,
              (sha ? "sha: " : "digest: ") + (sha ? digest.hex() : digest.toString()));
      return line.<Outcome>map(
              addition -> new Outcome.Replacements(replacements, List.of(addition)))
          .orElseGet(
              () ->
                  new Outcome.Refused(
                      LeftReason.NOT_WRITABLE, "no line for a digest can be added here"));
    }
    if (tag == null || newTag.isEmpty()) {
      return new Outcome.Refused(
          LeftReason.NOT_WRITABLE, "there is neither a digest nor a tag to hold the digest");
    }
    replacements.add(new Replacement(tag, newTag + "@" + digest));
    return new Outcome.Replacements(replacements, List.of());
  }

  /** {@code repository: name:tag@digest} with an empty tag. */
  private static Outcome inRepository(
      ImageSite site, Resolution.Pinned target, List<Replacement> replacements, String tag) {
    Replacement name = replacements.removeLast();
    String named = nameOf(name.text());
    // The tag that stands in the name is the old name's, also where the name itself changes.
    String written = site.name().text();
    String rest = written.substring(nameOf(written).length());
    int at = rest.indexOf('@');
    String inName = at < 0 ? rest : rest.substring(0, at);
    String shown = tag.isEmpty() ? inName : ":" + tag;
    replacements.add(new Replacement(site.name(), named + shown + "@" + target.digest()));
    if (site.tag() != null) {
      replacements.add(new Replacement(site.tag(), ""));
    }
    if (site.digest() != null) {
      replacements.add(new Replacement(site.digest(), ""));
    }
    return new Outcome.Replacements(replacements, List.of());
  }

  private SiteRule.@Nullable DigestField digestField(ImageSite site) {
    for (SiteRule rule : rules) {
      if (rule.digestIn() != null && rule.matches(site.where())) {
        return rule.digestIn();
      }
    }
    SiteRule.DigestField form = forms.get(site);
    if (form != null) {
      return form;
    }
    if (site.name().text().contains("@")) {
      return SiteRule.DigestField.REPOSITORY;
    }
    return isDigestUnread(site.path()) ? SiteRule.DigestField.TAG : null;
  }

  private static boolean isDigestUnread(String path) {
    String inDocument = path.substring(path.lastIndexOf('|') + 1);
    return UNREAD_DIGEST.stream()
        .anyMatch(known -> inDocument.equals(known) || inDocument.endsWith("." + known));
  }

  /** Whether the key wants the hex digits alone: {@code sha} does, unless it has a prefix now. */
  private static boolean bare(Segment digest) {
    String text = digest.text();
    if (!text.isEmpty()) {
      return !text.contains(":");
    }
    ScalarSite scalar = digest.scalar();
    String before =
        scalar.source().text().substring(Math.max(0, scalar.start() - 40), scalar.start());
    return BARE.matcher(before).find();
  }

  private Outcome kustomize(ImageSite site, Resolution.Pinned target) {
    SourceMapping entry = site.mapping();
    if (entry == null) {
      return new Outcome.Refused(LeftReason.NOT_WRITABLE, "not an entry of a kustomization");
    }
    List<Replacement> replacements = new ArrayList<>();
    List<Addition> additions = new ArrayList<>();
    boolean moves =
        !(site.reading() instanceof Reading.Image image
            && image.reference().repository().equals(target.repository()));
    boolean hasNewName = entry.text("newName") != null && !site.name().isEmpty();
    if (!moves) {
      replacements.add(new Replacement(site.name(), site.name().text()));
    } else if (hasNewName) {
      replacements.add(new Replacement(site.name(), target.repository().toString()));
    } else {
      Optional<Addition> line = added(entry, site.name(), "newName: " + target.repository());
      if (line.isEmpty()) {
        return new Outcome.Refused(
            LeftReason.NOT_WRITABLE, "no line for newName can be added here");
      }
      additions.add(line.get());
    }
    Segment digest = site.digest();
    Segment tag = site.tag();
    if (digest != null) {
      replacements.add(new Replacement(digest, target.digest().toString()));
      if (tag != null) {
        return new Outcome.Refused(
            LeftReason.NOT_WRITABLE,
            "newTag on line %d and digest on line %d exclude each other: remove newTag"
                .formatted(tag.line(), digest.line()));
      }
    } else if (tag != null) {
      if (tag.alias() != null || tag.scalar().anchor() != null) {
        return new Outcome.Refused(LeftReason.SHARED, "newTag is shared by an anchor");
      }
      if (tag.marker().contains("$imagepolicy")) {
        return new Outcome.Refused(
            LeftReason.NOT_WRITABLE,
            "Flux writes this newTag (its $imagepolicy stands beside it); let it write 'digest'");
      }
      SourceMapping.Entry field = entry.entry("newTag");
      Optional<TextEdit> key =
          field != null && field.key() instanceof ScalarSite scalar
              ? scalar.write("digest")
              : Optional.empty();
      if (key.isEmpty()) {
        return new Outcome.Refused(LeftReason.NOT_WRITABLE, "newTag cannot be edited in place");
      }
      additions.add(new Addition(tag.line(), "newTag", "digest", key.get()));
      replacements.add(new Replacement(tag, target.digest().toString()));
    } else {
      Segment after = hasNewName ? site.name() : null;
      Optional<Addition> line =
          after == null ? Optional.empty() : added(entry, after, "digest: " + target.digest());
      if (line.isEmpty()) {
        return new Outcome.Refused(LeftReason.NOT_WRITABLE, "no line for digest can be added here");
      }
      additions.add(line.get());
    }
    return new Outcome.Replacements(replacements, additions);
  }

  /** A line after the one of {@code after}, or an item after it in braces. */
  private static Optional<Addition> added(
      @Nullable SourceMapping mapping, Segment after, String text) {
    if (mapping == null || after.alias() != null) {
      return Optional.empty();
    }
    ScalarSite scalar = after.scalar();
    if (mapping.flow()) {
      int at = scalar.source().toFile(scalar.end());
      return Optional.of(new Addition(after.line(), "", text, new TextEdit(at, at, ", " + text)));
    }
    if (mapping.entries().isEmpty()
        || scalar.style() == ScalarSite.Style.LITERAL
        || scalar.style() == ScalarSite.Style.FOLDED) {
      return Optional.empty();
    }
    SourceMapping.Entry first = mapping.entries().getFirst();
    int column = first.key().start() - first.key().source().startOfLine(first.key().start());
    String source = scalar.source().text();
    int end = scalar.source().startOfNextLine(scalar.end());
    boolean broken = end > 0 && (source.charAt(end - 1) == '\n' || source.charAt(end - 1) == '\r');
    String lineBreak = scalar.source().lineBreak(scalar.start());
    // The line's end, its break excluded: an inner text's next line starts behind indentation.
    int at = broken ? end - (lineBreak.equals("\r\n") ? 2 : 1) : end;
    int lineInFile = scalar.source().toFile(scalar.source().startOfLine(scalar.start()));
    int indentation = fileColumn(scalar, lineInFile) + column;
    int place = scalar.source().toFile(at);
    return Optional.of(
        new Addition(
            after.line(),
            "",
            text,
            new TextEdit(place, place, lineBreak + " ".repeat(indentation) + text)));
  }

  /** How many columns of the file's line lie before the inner text's. */
  private static int fileColumn(ScalarSite scalar, int lineInFile) {
    return scalar.source().depth() == 0 ? 0 : scalar.source().fileColumn(lineInFile);
  }

  /** The name as written where it stays the same repository, else the target's. */
  private static String spelled(ImageSite site, String written, Repository target) {
    boolean same =
        site.reading() instanceof Reading.Image image
            && image.reference().repository().equals(target);
    return same ? nameOf(written) : target.toString();
  }

  /** A reference without tag and digest, spelled as it is. */
  static String nameOf(String reference) {
    int at = reference.indexOf('@');
    String rest = at < 0 ? reference : reference.substring(0, at);
    int colon = rest.lastIndexOf(':');
    return colon > rest.lastIndexOf('/') ? rest.substring(0, colon) : rest;
  }

  private static void keep(List<Replacement> replacements, @Nullable Segment segment) {
    if (segment != null) {
      replacements.add(new Replacement(segment, segment.text()));
    }
  }

  private static Outcome replacements(Replacement replacement) {
    return new Outcome.Replacements(List.of(replacement), List.of());
  }
}
