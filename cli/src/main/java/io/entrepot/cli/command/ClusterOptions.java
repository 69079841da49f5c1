package io.entrepot.cli.command;

import io.entrepot.mirror.MirrorEntry;
import io.entrepot.mirror.MirrorSettings;
import io.entrepot.mirror.MirrorSpecReader;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.Repository;
import io.entrepot.policy.Policy;
import io.entrepot.policy.cluster.ClusterDocument;
import io.entrepot.policy.cluster.ContainersPolicy;
import io.entrepot.policy.cluster.Copies;
import io.entrepot.policy.cluster.KubernetesPolicy;
import io.entrepot.policy.cluster.KyvernoPolicy;
import io.entrepot.policy.cluster.SigstorePolicy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Which guard of a cluster is told the policy, and how strictly it takes it. */
final class ClusterOptions {

  /** What Kubernetes takes as a namespace (RFC 1123, labels). */
  private static final Pattern NAMESPACE = Pattern.compile("[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?");

  private final Flag kubernetes;
  private final Flag kyverno;
  private final Flag sigstore;
  private final Flag containers;
  private final Flag enforce;
  private final Option<List<String>> except;
  private final PolicyFileOption policyFile;

  ClusterOptions(Arguments arguments) {
    kubernetes =
        arguments.flag(
            "--kubernetes",
            "With policy: a ValidatingAdmissionPolicy; only copies of ours, only by digest, nothing"
                + " that is denied.");
    kyverno = arguments.flag("--kyverno", "With policy: the signers, for Kyverno.");
    sigstore =
        arguments.flag("--sigstore", "With policy: the signers, for sigstore's policy-controller.");
    containers =
        arguments.flag("--containers", "With policy: containers-policy.json of podman and CRI-O.");
    policyFile = new PolicyFileOption(arguments);
    enforce = arguments.flag("--enforce", "With policy: refuse, rather than warn and audit.");
    except =
        arguments.options(
            "--except",
            String.class,
            "NAMESPACE",
            "With policy: a namespace to spare, beside kube-system; may be repeated.");
  }

  /** Refuses options that mean nothing without {@code policy}. */
  void requireNone() {
    if (guards() > 0 || enforce.isSet() || except.isGiven() || policyFile.isGiven()) {
      throw new UsageException(
          "--kubernetes, --kyverno, --sigstore, --containers, --policy, --enforce and --except belong"
              + " to: entrepot config policy");
    }
  }

  /**
   * What the guard is given.
   *
   * @param config mirror.yaml; empty for the usual one
   */
  ClusterDocument print(Invocation context, Optional<Path> config) {
    if (guards() != 1) {
      throw new UsageException(
          "config policy needs one of --kubernetes, --kyverno, --sigstore and --containers");
    }
    List<String> spared = except.or(List.of());
    for (String namespace : spared) {
      if (!NAMESPACE.matcher(namespace).matches()) {
        throw new UsageException("--except: not a namespace: '%s'".formatted(namespace));
      }
    }
    Path mirror = config.orElse(Path.of("mirror.yaml"));
    Copies copies = copies(MirrorSpecReader.load(context.loader(), context.file(mirror)));
    Optional<Policy> given = policyFile.load(context, Optional.of(mirror));
    if (given.isEmpty() && (kyverno.isSet() || sigstore.isSet())) {
      throw new UsageException(
          "there is no %s beside %s, and so nobody whose signature could be asked for"
              .formatted(Policy.USUAL_NAME, mirror));
    }
    Policy policy = given.orElseGet(ClusterOptions::none);
    if (kubernetes.isSet()) {
      return KubernetesPolicy.of(policy, copies, enforce.isSet(), spared);
    }
    if (kyverno.isSet()) {
      return KyvernoPolicy.of(policy, copies, enforce.isSet(), spared);
    }
    return sigstore.isSet()
        ? SigstorePolicy.of(policy, copies, enforce.isSet())
        : ContainersPolicy.of(policy, copies);
  }

  private long guards() {
    return Stream.of(kubernetes, kyverno, sigstore, containers).filter(Flag::isSet).count();
  }

  private static Policy none() {
    return new Policy(
        Policy.USUAL_NAME, Duration.ZERO, List.of(), Map.of(), Map.of(), Optional.empty());
  }

  private static Copies copies(MirrorSettings settings) {
    SortedMap<Repository, SortedSet<Repository>> sources = new TreeMap<>();
    for (MirrorEntry entry : settings.spec().entries()) {
      switch (entry) {
        case MirrorEntry.ImageCopy copy when !copy.policy().artifact() ->
            add(sources, copy.target(), Optional.of(copy.source().repository()));
        case MirrorEntry.ImageCopy _ -> {}
        case MirrorEntry.TagSelection selection when !selection.policy().artifact() ->
            sources
                .computeIfAbsent(selection.target(), _ -> new TreeSet<>())
                .add(selection.source());
        case MirrorEntry.TagSelection _ -> {}
        case MirrorEntry.Compose compose -> add(sources, compose.target(), Optional.empty());
        case MirrorEntry.Assembly assembly -> add(sources, assembly.target(), Optional.empty());
      }
    }
    return new Copies(settings.target(), sources);
  }

  private static void add(
      SortedMap<Repository, SortedSet<Repository>> sources,
      ImageReference target,
      Optional<Repository> source) {
    sources.computeIfAbsent(target.repository(), _ -> new TreeSet<>());
    source.ifPresent(from -> sources.get(target.repository()).add(from));
  }
}
