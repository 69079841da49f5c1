package io.entrepot.pin;

import io.entrepot.sites.ImageSite;
import io.entrepot.sites.LeftReason;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Pins a text without a file. */
record Pinning(String text, List<SiteEdit> edits, List<Left> left) {

  static Pinning of(String text, Map<String, String> lock) {
    return of("values.yaml", text, lock, PinRules.DEFAULT);
  }

  static Pinning of(String name, String text, Map<String, String> lock, PinRules rules) {
    return of(name, text, new LockSource(Locks.of(lock), rules.floating()), rules);
  }

  static Pinning of(String name, String text, PinSource source, PinRules rules) {
    ScannedFile file =
        ScannedFile.of(
            Path.of(name), name, name, text.getBytes(StandardCharsets.UTF_8), rules.sites());
    FilePlan plan =
        new FileEditor(new SiteWriter(rules.floating(), rules.sites()), file)
            .plan(site -> source.resolve(site.reading()));
    return new Pinning(plan.changes() ? plan.after() : text, plan.edits(), plan.left());
  }

  List<LeftReason> reasons() {
    return left.stream().map(Left::kind).toList();
  }

  static List<ImageSite> sites(String text) {
    return ScannedFile.of(
            Path.of("values.yaml"),
            "values.yaml",
            "values.yaml",
            text.getBytes(StandardCharsets.UTF_8),
            List.of())
        .found()
        .sites();
  }
}
