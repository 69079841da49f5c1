package io.entrepot.pin;

import io.entrepot.sites.ImageSite;
import io.entrepot.sites.Layout;
import io.entrepot.sites.LeftReason;
import io.entrepot.sites.Segment;
import io.entrepot.text.FilePosition;
import io.entrepot.yaml.ScalarSite;
import io.entrepot.yaml.SourceAlias;
import io.entrepot.yaml.SourceText;
import io.entrepot.yaml.TextEdit;
import io.entrepot.yaml.UnreadableYamlException;
import io.entrepot.yaml.YamlScanner;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Turns resolutions into the edits of one file, all of a site's or none. */
final class FileEditor {

  /** A reference or a part of one, in the same quotes or none. */
  private static final Pattern HARMLESS =
      Pattern.compile("([\"']?)[A-Za-z0-9][A-Za-z0-9./:@_=-]*[A-Za-z0-9]\\1");

  /** Refusing one site may make another refuse; a chain as long as this is nobody's doing. */
  private static final int MOST_ROUNDS = 64;

  private static final int MOST_LINES = 12;

  /** What a comment of Flux's image automation has in it. */
  private static final String FLUX_MARKER = "$imagepolicy";

  private static final SiteWriter.Outcome SEALED =
      new SiteWriter.Outcome.Refused(
          LeftReason.NOT_WRITABLE,
          "encrypted by sops, whose checksum (MAC) covers this value too: change it with sops");

  private record Place(ScalarSite scalar, int from, int to) {
    static Place of(Segment segment) {
      return new Place(segment.scalar(), segment.from(), segment.to());
    }
  }

  private final SiteWriter writer;
  private final ScannedFile file;
  private final List<Left> left = new ArrayList<>();
  private final Map<ImageSite, SiteWriter.Outcome.Replacements> outcomes = new LinkedHashMap<>();
  private final Map<ImageSite, String> notes = new HashMap<>();
  private final Map<ImageSite, String> remarks;
  private @Nullable Map<ScalarSite, List<SourceAlias>> aliases;

  FileEditor(SiteWriter writer, ScannedFile file) {
    this(writer, file, Map.of());
  }

  /**
   * @param remarks what a reader of a site's change should know besides
   */
  FileEditor(SiteWriter writer, ScannedFile file, Map<ImageSite, String> remarks) {
    this.writer = writer;
    this.file = file;
    this.remarks = remarks;
  }

  /**
   * Plans the file's edits.
   *
   * @param chooser what a site becomes; null for a site that is none of its business
   */
  FilePlan plan(Function<ImageSite, @Nullable Resolution> chooser) {
    Left problem = file.problem();
    SourceText source = file.source();
    if (problem != null || source == null) {
      return unchanged(problem == null ? List.of() : List.of(problem));
    }
    for (DoubledKeys.Doubled doubled : file.doubled().all()) {
      FilePosition at = FilePosition.of(file.shown(), doubled.line());
      left.add(Left.file(at, LeftReason.UNREADABLE, doubled.reason()));
    }
    for (ImageSite site : file.found().sites()) {
      Optional<DoubledKeys.Doubled> doubt = file.doubled().around(site);
      outcomes.put(
          site,
          doubt.isEmpty() ? replacements(site, chooser.apply(site)) : doubted(site, doubt.get()));
    }
    Map<Place, SiteWriter.Replacement> changes = settled();
    List<TextEdit> edits = new ArrayList<>();
    List<SiteEdit> reported = new ArrayList<>();
    Set<Place> done = new HashSet<>();
    outcomes.forEach((site, outcome) -> report(site, outcome, changes, done, edits, reported));
    left.sort(Comparator.comparingInt(Left::line));
    if (edits.isEmpty()) {
      return unchanged(left);
    }
    String after = TextEdit.apply(source.text(), edits);
    try {
      if (!edits.stream().allMatch(edit -> harmless(source.text(), edit))) {
        YamlScanner.scan(SourceText.of(after));
      }
    } catch (UnreadableYamlException e) {
      throw new IllegalStateException(
          "%s would not be YAML after the change (line %d: %s); please report this"
              .formatted(file.shown(), e.line(), e.getMessage()),
          e);
    }
    reported.sort(Comparator.comparingInt(SiteEdit::line));
    return new FilePlan(file.path(), file.shown(), source.text(), after, reported, left);
  }

  /**
   * Whether a text without blanks takes the place of another: a document's shape stays as it is.
   */
  private static boolean harmless(String text, TextEdit edit) {
    return edit.start() < edit.end()
        && HARMLESS.matcher(edit.replacement()).matches()
        && HARMLESS.matcher(text.substring(edit.start(), edit.end())).matches();
  }

  private FilePlan unchanged(List<Left> why) {
    return new FilePlan(file.path(), file.shown(), "", "", List.of(), why);
  }

  private SiteWriter.Outcome.Replacements doubted(ImageSite site, DoubledKeys.Doubled key) {
    if (!file.doubled().isValue(site)) {
      leave(site, LeftReason.UNREADABLE, key.reason());
    }
    return keep(site);
  }

  private SiteWriter.Outcome.Replacements replacements(
      ImageSite site, @Nullable Resolution resolution) {
    SiteWriter.Outcome outcome;
    switch (resolution) {
      case null -> outcome = keep(site);
      case Resolution.Kept _ -> outcome = keep(site);
      case Resolution.Missing missing -> {
        if (missing.reason() == LeftReason.TEMPLATED && file.inTemplates()) {
          leave(site, LeftReason.TEMPLATE_FILE, "a template: its image comes from values");
        } else {
          leave(site, missing.reason(), missing.message());
        }
        outcome = keep(site);
      }
      case Resolution.Pinned pinned -> {
        notes.put(site, pinned.note());
        outcome = writer.write(site, pinned);
      }
      case Resolution.Copied copied -> outcome = SiteWriter.write(site, copied);
      case Resolution.Moved moved -> {
        String range = moved.rangeLeft();
        if (range != null) {
          leave(site, LeftReason.RANGE, range);
        }
        outcome = writer.write(site, moved);
      }
    }
    if (file.isSealed(site)
        && outcome instanceof SiteWriter.Outcome.Replacements replacements
        && replacements.change()) {
      outcome = SEALED;
    }
    return switch (outcome) {
      case SiteWriter.Outcome.Replacements replacements -> replacements;
      case SiteWriter.Outcome.Refused refused -> {
        leave(site, refused.reason(), refused.message());
        yield keep(site);
      }
    };
  }

  /** A site that stays also holds on to the segments it shares with others. */
  private static SiteWriter.Outcome.Replacements keep(ImageSite site) {
    List<SiteWriter.Replacement> replacements = new ArrayList<>();
    for (Segment segment :
        new @Nullable Segment[] {
          site.registry(), site.name(), site.tag(), site.digest(), site.above()
        }) {
      if (segment != null) {
        replacements.add(new SiteWriter.Replacement(segment, segment.text()));
      }
    }
    return new SiteWriter.Outcome.Replacements(replacements, List.of());
  }

  /** Refuses sites until those that share a scalar agree; gives the changes that remain. */
  private Map<Place, SiteWriter.Replacement> settled() {
    for (int round = 0; round < MOST_ROUNDS; round++) {
      Map<Place, List<Map.Entry<ImageSite, SiteWriter.Replacement>>> byPlace =
          new LinkedHashMap<>();
      outcomes.forEach(
          (site, outcome) -> {
            for (SiteWriter.Replacement replacement : outcome.replacements()) {
              byPlace
                  .computeIfAbsent(Place.of(replacement.segment()), _ -> new ArrayList<>())
                  .add(Map.entry(site, replacement));
            }
          });
      Map<Place, SiteWriter.Replacement> changes = new LinkedHashMap<>();
      Map<ImageSite, String> refused = new LinkedHashMap<>();
      LeftReason reason = LeftReason.SHARED;
      for (List<Map.Entry<ImageSite, SiteWriter.Replacement>> replacements : byPlace.values()) {
        SiteWriter.Replacement changing = changing(replacements);
        if (changing == null) {
          continue;
        }
        String why = disagreement(replacements);
        if (why == null && changing.segment().write(changing.text()).isEmpty()) {
          why = "'%s' cannot be edited in place".formatted(changing.segment().text());
          reason = LeftReason.NOT_WRITABLE;
        }
        if (why == null) {
          changes.put(Place.of(changing.segment()), changing);
        } else {
          for (Map.Entry<ImageSite, SiteWriter.Replacement> replacement : replacements) {
            if (replacement.getValue().changes()) {
              refused.put(replacement.getKey(), why);
            }
          }
        }
      }
      if (refused.isEmpty()) {
        return changes;
      }
      for (Map.Entry<ImageSite, String> entry : refused.entrySet()) {
        leave(entry.getKey(), reason, entry.getValue());
        outcomes.put(entry.getKey(), keep(entry.getKey()));
      }
    }
    for (ImageSite site : List.copyOf(outcomes.keySet())) {
      leave(
          site, LeftReason.SHARED, "its values are shared across too many images to be told apart");
      outcomes.put(site, keep(site));
    }
    return Map.of();
  }

  private static SiteWriter.@Nullable Replacement changing(
      List<Map.Entry<ImageSite, SiteWriter.Replacement>> replacements) {
    for (Map.Entry<ImageSite, SiteWriter.Replacement> replacement : replacements) {
      if (replacement.getValue().changes()) {
        return replacement.getValue();
      }
    }
    return null;
  }

  private @Nullable String disagreement(
      List<Map.Entry<ImageSite, SiteWriter.Replacement>> replacements) {
    Set<String> texts =
        replacements.stream()
            .map(w -> w.getValue().text())
            .collect(Collectors.toCollection(TreeSet::new));
    Segment segment = replacements.getFirst().getValue().segment();
    if (texts.size() > 1) {
      return "'%s' on line %d is shared by images on lines %s that do not become the same"
          .formatted(
              segment.text(),
              segment.line(),
              listed(
                  replacements.stream()
                      .map(w -> w.getKey().line())
                      .collect(Collectors.toCollection(TreeSet::new))));
    }
    ScalarSite scalar = segment.scalar();
    if (scalar.anchor() == null) {
      return null;
    }
    Set<SourceAlias> known = Collections.newSetFromMap(new IdentityHashMap<>());
    boolean defined = file.found().definitions().contains(scalar);
    for (Map.Entry<ImageSite, SiteWriter.Replacement> replacement : replacements) {
      SourceAlias alias = replacement.getValue().segment().alias();
      if (alias == null) {
        defined = true;
      } else {
        known.add(alias);
      }
    }
    Set<Integer> others = new TreeSet<>();
    for (SourceAlias alias : aliasesOf(scalar)) {
      if (!known.contains(alias)) {
        others.add(alias.line());
      }
    }
    if (!defined) {
      others.add(scalar.line());
    }
    return others.isEmpty()
        ? null
        : "the anchor &%s on line %d is also used on lines %s, which are no image"
            .formatted(scalar.anchor(), scalar.line(), listed(others));
  }

  /** The first lines of many: every image that shares the value repeats them. */
  private static String listed(Set<Integer> lines) {
    String first =
        lines.stream().limit(MOST_LINES).map(String::valueOf).collect(Collectors.joining(", "));
    int more = lines.size() - MOST_LINES;
    return more > 0 ? "%s and %d more".formatted(first, more) : first;
  }

  private List<SourceAlias> aliasesOf(ScalarSite scalar) {
    if (aliases == null) {
      aliases = new HashMap<>();
      for (SourceAlias alias : file.found().aliases()) {
        if (alias.target() instanceof ScalarSite target) {
          aliases.computeIfAbsent(target, _ -> new ArrayList<>()).add(alias);
        }
      }
    }
    return aliases.getOrDefault(scalar, List.of());
  }

  private void report(
      ImageSite site,
      SiteWriter.Outcome.Replacements outcome,
      Map<Place, SiteWriter.Replacement> changes,
      Set<Place> done,
      List<TextEdit> edits,
      List<SiteEdit> reported) {
    boolean first = true;
    for (SiteWriter.Replacement replacement : outcome.replacements()) {
      Place place = Place.of(replacement.segment());
      if (!replacement.changes() || !changes.containsKey(place) || !done.add(place)) {
        continue;
      }
      Optional<TextEdit> edit = replacement.segment().write(replacement.text());
      edit.ifPresent(edits::add);
      reported.add(
          edited(
              site,
              replacement.segment().line(),
              replacement.segment().text(),
              replacement.text(),
              first));
      first = false;
    }
    for (SiteWriter.Addition addition : outcome.additions()) {
      edits.add(addition.edit());
      reported.add(edited(site, addition.line(), addition.old(), addition.text(), first));
      first = false;
    }
  }

  private SiteEdit edited(
      ImageSite site, int line, String old, String replacement, boolean withNote) {
    String note = "";
    if (withNote) {
      Segment tag = site.tag();
      boolean flux =
          site.name().marker().contains(FLUX_MARKER)
              || (tag != null && tag.marker().contains(FLUX_MARKER));
      note =
          Stream.of(
                  notes.getOrDefault(site, ""),
                  flux ? "Flux writes this line too" : "",
                  site.layout() == Layout.SERVICE
                      ? "GitLab names the service's host after its image: give it an alias"
                      : "",
                  remarks.getOrDefault(site, ""))
              .filter(part -> !part.isEmpty())
              .collect(Collectors.joining("; "));
    }
    return new SiteEdit(
        FilePosition.of(file.shown(), line),
        site.path(),
        site.reading().toString(),
        old,
        replacement,
        note);
  }

  private void leave(ImageSite site, LeftReason reason, String message) {
    left.add(
        new Left(site.in(file.shown()), site.path(), site.reading().toString(), reason, message));
  }
}
