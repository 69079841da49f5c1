package io.entrepot.gate.rules;

import io.entrepot.gate.Evidence;
import io.entrepot.gate.Findings;
import io.entrepot.gate.Judgement;
import io.entrepot.gate.Rule;
import io.entrepot.render.KubernetesObject;
import io.entrepot.text.FilePosition;
import io.entrepot.yaml.Nodes;
import io.entrepot.yaml.ScalarSite;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Secrets whose data stands in the tree for everybody to read. */
final class PlainSecret implements Judgement {

  static final Rule RULE =
      new Rule(
          "plain-secret",
          "A Secret in git that everybody can read",
          "Base64 hides nothing: whoever reads the repository, its forks and its history has the"
              + " secret, also when the file is gone.",
          "Change the secret where it is valid, then seal it (SealedSecret), encrypt it (sops), or"
              + " let an ExternalSecret fetch it.");

  /** Keys that are known to everybody anyway. */
  private static final Set<String> PUBLIC =
      Set.of("ca.crt", "ca.pem", "ca-bundle.crt", "tls.crt", "cert.pem", "username", "user", "url");

  /** What says where a repository or a cluster is, in secrets of Argo CD. */
  private static final Set<String> ADDRESSES =
      Set.of(
          "url",
          "type",
          "name",
          "project",
          "server",
          "enableOCI",
          "enableLfs",
          "insecure",
          "namespaces",
          "clusterResources");

  /** What something after git fills in or decrypts. */
  private static final Pattern PLACEHOLDER =
      Pattern.compile(
          "^(?:ENC\\[.*|vault:.*|ref\\+.*|<(?:path:)?[^>]*>|\\$\\{[^}]*}|\\$\\([^)]*\\)|\\{\\{.*}}|\\{\\s*}|\"\"|null)?$",
          Pattern.DOTALL);

  @Override
  public Rule rule() {
    return RULE;
  }

  @Override
  public void judge(Evidence evidence, Findings findings) {
    for (KubernetesObject object : evidence.cluster().objects()) {
      boolean secret = object.kind().equals("Secret") && object.group().isEmpty();
      // What a chart or a generator makes does not stand in the tree as a Secret.
      FilePosition written = secret ? evidence.cluster().locator().written(object) : null;
      if (written != null && Nodes.at(object.root(), "sops") == null) {
        List<String> keys = readable(object);
        if (!keys.isEmpty()) {
          findings.refuse(
              object,
              written,
              null,
              "the Secret '%s' has its data in the tree, neither sealed nor encrypted: %s"
                  .formatted(object.name(), String.join(", ", keys)),
              "change it where it is valid, and seal it: kubeseal --format yaml < %1$s, or sops --encrypt --encrypted-regex '^(data|stringData)$' --in-place %1$s"
                  .formatted(written.file()));
        }
      }
    }
  }

  /** The keys whose values are readable and say something. */
  private static List<String> readable(KubernetesObject object) {
    Map<String, ScalarSite> labels = Nodes.scalars(object.root(), "metadata", "labels");
    boolean address = labels.containsKey("argocd.argoproj.io/secret-type");
    Map<String, ScalarSite> annotations = Nodes.scalars(object.root(), "metadata", "annotations");
    if (annotations.keySet().stream().anyMatch(key -> key.startsWith("avp.kubernetes.io/"))) {
      return List.of();
    }
    return List.of("data", "stringData").stream()
        .flatMap(
            field ->
                Nodes.scalars(object.root(), field).entrySet().stream()
                    .filter(each -> !PUBLIC.contains(each.getKey()))
                    .filter(each -> !(address && ADDRESSES.contains(each.getKey())))
                    .filter(each -> saysSomething(field.equals("data"), each.getValue().value()))
                    .map(Map.Entry::getKey))
        .distinct()
        .sorted()
        .toList();
  }

  private static boolean saysSomething(boolean encoded, String value) {
    String text = value.strip();
    if (PLACEHOLDER.matcher(text).matches()) {
      return false;
    }
    if (!encoded) {
      return true;
    }
    try {
      String decoded = new String(Base64.getMimeDecoder().decode(text), StandardCharsets.UTF_8);
      return !PLACEHOLDER.matcher(decoded.strip()).matches();
    } catch (IllegalArgumentException e) {
      // No base64: the API server refuses it, and it is readable all the same.
      return true;
    }
  }
}
