package io.entrepot.gate.init;

import io.entrepot.lock.LockFile;
import io.entrepot.render.RenderEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Writes the {@code check.yaml}. */
final class CheckText {

  private static final int SHORT_LIST = 3;

  private CheckText() {}

  static String of(DeployedTree tree, List<String> firstParty, List<WrittenImage> images) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "# What entrepot check refuses, first written by entrepot init. It is yours from here on;");
    lines.add("# the documents name every key.");
    lines.add("");
    lines.add("targets:");
    for (String target : tree.targets()) {
      lines.add("  " + MirrorText.quoted(target) + ":");
      lines.add("    # What its nodes are: every image must have each.");
      lines.add("    platforms: [linux/amd64, linux/arm64]");
      List<RenderEntry> entries = tree.entries().getOrDefault(target, List.of());
      if (!entries.isEmpty()) {
        lines.add("    render:");
        entries.forEach(entry -> entry(entry, lines));
      }
    }
    if (!tree.argocd().isEmpty() || !tree.flux().isEmpty()) {
      lines.add("");
      lines.add("# Where Argo CD and Flux are told what to deploy.");
      lines.add("discover:");
      list("  argocd:", tree.argocd(), "  ", lines);
      list("  flux:", tree.flux(), "  ", lines);
    }
    lines.add("");
    lines.add("# What entrepot mirror writes: every image must be in it.");
    lines.add("lock: " + LockFile.USUAL_NAME);
    if (!firstParty.isEmpty()) {
      lines.add("");
      lines.add("# What is built here and not mirrored.");
      list("firstParty:", firstParty, "", lines);
    }
    List<WrittenImage> left = images.stream().filter(image -> image.problem() != null).toList();
    if (!left.isEmpty()) {
      lines.add("");
      lines.add(
          "# These cannot be mirrored as they are. What is accepted stands below allow:, with a reason:");
      lines.add("# allow:");
      for (WrittenImage image : left) {
        lines.add("#   # " + MirrorText.oneLine(String.valueOf(image.problem())));
        lines.add(
            "#   - { rule: %s, image: \"%s\", reason: \"…\" }"
                .formatted(
                    image.waiver().isEmpty() ? "not-found" : "platform-missing", image.source()));
      }
    }
    return String.join("\n", lines) + "\n";
  }

  private static void entry(RenderEntry entry, List<String> lines) {
    switch (entry) {
      case RenderEntry.Kustomize kustomize ->
          lines.add("      - kustomize: " + path(kustomize.directory()));
      case RenderEntry.Helm helm ->
          lines.add(
              "      - helm: { chart: %s, release: %s }"
                  .formatted(path(helm.chart()), MirrorText.quoted(helm.release())));
      case RenderEntry.Manifests manifests ->
          list("      - manifests:", manifests.globs(), "        ", lines);
    }
  }

  private static String path(String path) {
    return MirrorText.quoted(path.isEmpty() ? "." : path);
  }

  private static void list(String key, List<String> values, String indent, List<String> lines) {
    if (values.isEmpty()) {
      return;
    }
    if (values.size() <= SHORT_LIST) {
      lines.add(
          key
              + values.stream()
                  .map(MirrorText::quoted)
                  .collect(Collectors.joining(", ", " [", "]")));
      return;
    }
    lines.add(key);
    values.forEach(value -> lines.add(indent + "  - " + MirrorText.quoted(value)));
  }
}
