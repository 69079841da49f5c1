package io.entrepot.gate;

import java.util.Arrays;

/** What the gate refuses. */
public enum Rule {
  /** A helm or kustomize error. */
  RENDER(
      "render",
      "The tree does not render",
      "Argo CD and Flux run the same helm and kustomize: what fails here shows up there as"
          + " ComparisonError, and nothing of the application is deployed.",
      "Mend the file that the message names; entries must render from the tree alone."),
  /** An object that does not fit its schema. */
  SCHEMA(
      "schema",
      "An object does not fit its Kubernetes schema",
      "The API server refuses the object, or drops the field that it does not know.",
      "Correct the field; quote numbers and truth values where text is expected."),
  /** An image from Docker Hub. */
  DOCKER_HUB(
      "docker-hub",
      "An image from Docker Hub",
      "Docker Hub limits pulls for each address: behind one NAT all nodes share the limit and pods"
          + " fail with 429, while a laptop with a warm cache shows nothing.",
      "Mirror the image (mirror.yaml, entrepot mirror) and write the copy: entrepot pin."),
  /** A tag without a digest. */
  UNPINNED(
      "unpinned",
      "An image without a digest",
      "A tag can move without Git moving: what runs after a restart is not what was tested.",
      "Pin it: entrepot pin."),
  /** A tag that moves. */
  FLOATING_TAG(
      "floating-tag",
      "A tag that moves",
      "Tags like main and latest say nothing of what is in the image; beside a digest they mislead"
          + " whoever reads the file.",
      "Leave the tag out beside the digest, or use a version or a build's commit."),
  /** A label that a digest made invalid. */
  TAG_IN_LABEL(
      "tag-in-label",
      "An image tag ran into a label",
      "A label's value holds at most 63 letters, digits, '-', '_' and '.': with @sha256: in it the"
          + " API server refuses the whole object.",
      "Write the digest into the chart's own digest field, or into the repository, and leave the"
          + " tag plain."),
  /** Another pull policy than the one asked for. */
  PULL_POLICY(
      "pull-policy",
      "Another imagePullPolicy than asked",
      "Always asks the registry at every start of a pod: it spends the pull limit and needs the"
          + " registry to be up.",
      "Set imagePullPolicy in the values of the chart or in the manifest."),
  /** A digest of one architecture. */
  NOT_A_LIST(
      "not-a-list",
      "A digest of one architecture only",
      "The other target's nodes fail with 'no match for platform in manifest'.",
      "Pin the digest of the manifest list: entrepot digest prints it, entrepot pin writes it."),
  /** A list without a platform. */
  PLATFORM_MISSING(
      "platform-missing",
      "A platform of the target is missing",
      "Pods stay in ImagePullBackOff on those nodes, or fail with exec format error.",
      "Choose an image that has the platform, have it built, or waive it with a reason."),
  /** Nothing of that name. */
  NOT_FOUND(
      "not-found",
      "The registry does not have it",
      "A tag that was never published ends in ImagePullBackOff.",
      "Look at the tags that exist: entrepot tags REPOSITORY; push or mirror the missing one."),
  /** An image that the lock does not hold. */
  NOT_MIRRORED(
      "not-mirrored",
      "Not in the lock of the mirror",
      "What the lock does not hold nobody verified, and it can vanish or be limited upstream.",
      "Add the image to mirror.yaml, run entrepot mirror, then entrepot pin."),
  /** A workload without an image. */
  IMAGE_MISSING(
      "image-missing",
      "A workload without an image",
      "The pod is refused or waits in InvalidImageName for ever.",
      "Give the image in this target's values: image.ref, or repository and tag."),
  /** One image, two digests. */
  TARGETS_DIFFER(
      "targets-differ",
      "Targets run different digests of one image",
      "What was tested in one target is not what runs in the other.",
      "entrepot promote copies digests forward; a difference that is meant needs a reason in"
          + " allow:."),
  /** One cluster-scoped object twice. */
  CLUSTER_SCOPE_COLLISION(
      "cluster-scope-collision",
      "One cluster-scoped object from two places",
      "Two applications fight over it (Argo CD: SharedResourceWarning); who deletes one breaks the"
          + " other.",
      "Put the environment or release into the name, or let one entry own the object."),
  /** One host port twice. */
  HOST_PORT_COLLISION(
      "host-port-collision",
      "One port of the node claimed twice",
      "The second pod stays Pending on every node where the first one runs.",
      "Use another hostPort, leave it out, or keep the pods on different nodes."),
  /** A secret from a store that is not there. */
  SECRET_STORE_MISSING(
      "secret-store-missing",
      "An ExternalSecret without its store",
      "The secret is never made, and pods that need it wait or pull without credentials.",
      "Create the SecretStore in that namespace, or use a ClusterSecretStore."),
  /** A private image without a secret. */
  PULL_SECRET_MISSING(
      "pull-secret-missing",
      "A private image without a pull secret",
      "The registry answers 401. A secret that something else patches into the default service"
          + " account comes too late for hooks and first pods.",
      "Name imagePullSecrets in the pod or its service account, and create the secret in the"
          + " namespace."),
  /** A URL without a host. */
  EMPTY_HOST(
      "empty-host",
      "A URL whose host is empty or broken",
      "A template read a value that its scope does not have; the program calls nobody.",
      "Give the missing value (domain, host) in this target's values."),
  /** Tools fetched at run time. */
  RUNTIME_DOWNLOAD(
      "runtime-download",
      "A job that downloads its tools when it runs",
      "It fails with the network, and what it gets is neither pinned nor mirrored.",
      "Use an image that has the tool, mirrored and pinned."),
  /** A field that cannot be changed in place. */
  IMMUTABLE_CHANGE(
      "immutable-change",
      "A field that cannot be changed in place",
      "The API server refuses: updates to statefulset spec are forbidden; the sync fails until"
          + " somebody deletes the object.",
      "Keep the field, or plan a migration: new name, copied data, old StatefulSet removed.");

  private final String id;
  private final String title;
  private final String why;
  private final String remedy;

  Rule(String id, String title, String why, String remedy) {
    this.id = id;
    this.title = title;
    this.why = why;
    this.remedy = remedy;
  }

  /** The name in reports and in {@code allow:}. */
  public String id() {
    return id;
  }

  /** What is refused, in a few words. */
  public String title() {
    return title;
  }

  /** What happens to those who let it pass. */
  public String why() {
    return why;
  }

  /** How it is mended in general. */
  public String remedy() {
    return remedy;
  }

  /**
   * The rule of that name.
   *
   * @throws IllegalArgumentException naming those there are
   */
  public static Rule parse(String id) {
    return Arrays.stream(values())
        .filter(rule -> rule.id.equals(id))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no rule '%s'; there are %s"
                        .formatted(
                            id,
                            String.join(", ", Arrays.stream(values()).map(Rule::id).toList()))));
  }

  @Override
  public String toString() {
    return id;
  }
}
