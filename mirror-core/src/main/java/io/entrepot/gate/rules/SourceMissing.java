package io.entrepot.gate.rules;

import io.entrepot.gate.Evidence;
import io.entrepot.gate.Findings;
import io.entrepot.gate.Judgement;
import io.entrepot.gate.Rule;
import io.entrepot.render.Rendering;
import io.entrepot.render.Rendering.Deployer;
import io.entrepot.text.FilePosition;
import io.entrepot.yaml.Nodes;
import io.entrepot.yaml.SourceMapping;
import io.entrepot.yaml.SourceNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Applications, Kustomizations and HelmReleases that take something from where nothing is, and
 * values files that nobody takes.
 */
final class SourceMissing implements Judgement {

  static final Rule RULE =
      new Rule(
          "source-missing",
          "A source, a dependency or values that are not there",
          "Argo CD or Flux stops before it deploys anything, or goes on without the values: they"
              + " never arrive.",
          "Write the source, correct the name, or list the values file in the release that shall"
              + " read it.");

  /** Flux's bootstrap makes this source and this Kustomization, often outside of the tree. */
  private static final String BOOTSTRAP = "flux-system";

  private static final Set<String> SOURCES =
      Set.of("GitRepository", "OCIRepository", "HelmRepository", "Bucket", "HelmChart");

  /** What a deployer asks for by kind and name. */
  private record Need(
      String kind, @Nullable String namespace, String name, SourceNode node, String as) {}

  @Override
  public Rule rule() {
    return RULE;
  }

  @Override
  public void judge(Evidence evidence, Findings findings) {
    for (Deployer deployer : evidence.cluster().rendering().deployers()) {
      switch (String.valueOf(Nodes.text(deployer.document(), "kind"))) {
        case "Application" -> refs(deployer, deployer.document(), findings);
        case "ApplicationSet" -> {
          SourceNode template = Nodes.at(deployer.document(), "spec", "template");
          if (template != null) {
            refs(deployer, template, findings);
          }
        }
        default -> needs(deployer).forEach(need -> judge(evidence, deployer, need, findings));
      }
    }
    UnreadValues.find(evidence).forEach(each -> each.tell(findings));
  }

  // ---- Argo CD: values files of sources that have no name -----------------------------------

  private static void refs(Deployer deployer, SourceNode application, Findings findings) {
    List<SourceMapping> sources = new ArrayList<>(Nodes.mappings(application, "spec", "sources"));
    SourceMapping single = Nodes.mapping(application, "spec", "source");
    if (single != null) {
      sources.add(single);
    }
    Set<String> named = new HashSet<>();
    sources.forEach(source -> named.add(String.valueOf(source.text("ref"))));
    for (SourceMapping source : sources) {
      List<SourceNode> files = new ArrayList<>(Nodes.items(source, "helm", "valueFiles"));
      for (SourceMapping parameter : Nodes.mappings(source, "helm", "fileParameters")) {
        SourceNode path = parameter.get("path");
        if (path != null) {
          files.add(path);
        }
      }
      for (SourceNode file : files) {
        String path = Nodes.text(file);
        int slash = path == null ? -1 : path.indexOf('/');
        if (path == null || slash < 2 || path.charAt(0) != '$' || path.contains("{{")) {
          continue;
        }
        String ref = path.substring(1, slash);
        if (!named.contains(ref)) {
          refuse(
              deployer,
              file,
              "%s takes %s, and none of its sources has ref: %s"
                  .formatted(title(deployer), path, ref),
              "add to its sources: - { repoURL: …, targetRevision: …, ref: %s }; where the file lies beside the chart, leave $%s/ out"
                  .formatted(ref, ref),
              findings);
        }
      }
    }
  }

  // ---- Flux -------------------------------------------------------------------------------

  private static List<Need> needs(Deployer deployer) {
    SourceNode document = deployer.document();
    String own = Nodes.text(document, "metadata", "namespace");
    String kind = String.valueOf(Nodes.text(document, "kind"));
    List<Need> needs = new ArrayList<>();
    for (String[] path :
        List.of(
            new String[] {"spec", "sourceRef"},
            new String[] {"spec", "chart", "spec", "sourceRef"},
            new String[] {"spec", "chartRef"})) {
      add(needs, Nodes.mapping(document, path), null, own, path[path.length - 1]);
    }
    for (SourceMapping other : Nodes.mappings(document, "spec", "dependsOn")) {
      add(needs, other, kind, own, "dependsOn");
    }
    for (SourceMapping values : Nodes.mappings(document, "spec", "valuesFrom")) {
      add(needs, values, null, own, "valuesFrom");
    }
    for (SourceMapping values : Nodes.mappings(document, "spec", "postBuild", "substituteFrom")) {
      add(needs, values, null, own, "substituteFrom");
    }
    return needs;
  }

  private static void add(
      List<Need> needs,
      @Nullable SourceMapping reference,
      @Nullable String kind,
      @Nullable String own,
      String as) {
    if (reference == null || "true".equals(reference.text("optional"))) {
      return;
    }
    String wanted = kind == null ? reference.text("kind") : kind;
    String name = reference.text("name");
    String namespace = reference.text("namespace");
    if (wanted != null && name != null && !name.contains("${") && !name.equals(BOOTSTRAP)) {
      needs.add(new Need(wanted, namespace == null ? own : namespace, name, reference, as));
    }
  }

  private static void judge(Evidence evidence, Deployer deployer, Need need, Findings findings) {
    for (String target : deployer.targets()) {
      if (isThere(evidence, target, need)) {
        continue;
      }
      String what =
          "the %s '%s'%s"
              .formatted(
                  need.kind(),
                  need.name(),
                  need.namespace() == null ? "" : " in the namespace " + need.namespace());
      FilePosition position = position(deployer, need.node());
      Optional<String> unseen = unseen(evidence, target, deployer, need);
      if (unseen.isPresent()) {
        findings.skip(target, position, what, unseen.get());
      } else {
        findings.refuse(
            target,
            position,
            "%s names %s by %s, and nothing in the tree makes it"
                .formatted(title(deployer), what, need.as()),
            "write it (kind: %1$s, metadata: { name: %2$s, namespace: %3$s }) or correct the name; where something else makes it, write into check.yaml: provided: [{ kind: %1$s, name: %2$s, reason: … }]"
                .formatted(need.kind(), need.name(), Namespaces.shown(need.namespace())));
      }
    }
  }

  private static boolean isThere(Evidence evidence, String target, Need need) {
    if (evidence.cluster().index().mayHave(target, need.kind(), need.namespace(), need.name())) {
      return true;
    }
    for (Rendering.Written written : evidence.cluster().rendering().written()) {
      // Kustomize appends a hash of ten characters to what it generates.
      boolean named =
          written.name().equals(need.name())
              || (need.name().startsWith(written.name() + "-")
                  && need.name().length() == written.name().length() + 11);
      if (written.kind().equals(need.kind())
          && named
          && (written.namespace() == null
              || need.namespace() == null
              || written.namespace().equals(need.namespace()))) {
        return true;
      }
    }
    return false;
  }

  /**
   * What was not rendered and may make it: anything at all where values are needed, but no release
   * of a chart where a source is, because charts do not bring sources.
   */
  private static Optional<String> unseen(
      Evidence evidence, String target, Deployer deployer, Need need) {
    Rendering rendering = evidence.cluster().rendering();
    boolean source = SOURCES.contains(need.kind());
    // It is not rendered because of what it lacks, and does not bring that itself.
    String own =
        "%s %s"
            .formatted(
                Nodes.text(deployer.document(), "kind"),
                Nodes.text(deployer.document(), "metadata", "name"));
    boolean complete =
        rendering.failures().stream().noneMatch(each -> each.target().equals(target))
            && rendering.unrendered().stream()
                .filter(each -> each.target().equals(target) && each.brings())
                .allMatch(
                    each ->
                        each.what().equals(own)
                            || (source && each.what().startsWith("HelmRelease ")));
    return complete ? Optional.empty() : evidence.cluster().unseen(target);
  }

  private static void refuse(
      Deployer deployer, SourceNode node, String message, String remedy, Findings findings) {
    deployer
        .targets()
        .forEach(target -> findings.refuse(target, position(deployer, node), message, remedy));
  }

  private static FilePosition position(Deployer deployer, SourceNode node) {
    return deployer.file() == null
        ? deployer.position()
        : FilePosition.of(deployer.file(), node.line());
  }

  private static String title(Deployer deployer) {
    return "the %s '%s'"
        .formatted(
            Nodes.text(deployer.document(), "kind"),
            Nodes.text(deployer.document(), "metadata", "name"));
  }
}
