package io.entrepot.policy.cluster;

import io.entrepot.oci.Repository;
import io.entrepot.policy.Policy;
import io.entrepot.policy.PolicyRule;
import io.entrepot.trust.SignaturePolicy;
import io.entrepot.trust.Signer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A containers-policy.json for podman and CRI-O. It has no way to warn: what is not named is
 * rejected. What it cannot check, such as attestations and identities by pattern, is rejected too.
 */
public final class ContainersPolicy {

  private static final JsonMapper MAPPER = new JsonMapper();
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private ContainersPolicy() {}

  public static ClusterDocument of(Policy policy, Copies copies) {
    List<String> notes = new ArrayList<>();
    notes.add(
        "For /etc/containers/policy.json. Every image that is no copy of ours is rejected, the pause"
            + " image of CRI-O too: pause_image must name the copy.");
    ObjectNode root = NODES.objectNode();
    root.set("default", requirements(type("reject")));
    ObjectNode transports = root.putObject("transports");
    ObjectNode docker = transports.putObject("docker");
    copies
        .below()
        .ifPresent(all -> docker.set(all.toString(), requirements(type("insecureAcceptAnything"))));
    copies
        .elsewhere()
        .forEach(copy -> docker.set(copy.toString(), requirements(type("insecureAcceptAnything"))));
    boolean signatures = false;
    for (Map.Entry<PolicyRule, SortedMap<Repository, Repository>> each :
        copies.signed(policy).entrySet()) {
      SignaturePolicy demanded = Signers.of(each.getKey());
      ArrayNode keys = keys(demanded);
      boolean sayable = demanded.attestations().isEmpty() && !keys.isEmpty();
      if (!sayable || keys.size() < demanded.signers().size()) {
        notes.add(
            sayable
                ? "%s: only its keys are taken; keyless and notation signers cannot be said here."
                    .formatted(each.getKey().position())
                : "%s: its images are rejected: container engines check neither attestations nor identities by pattern."
                    .formatted(each.getKey().position()));
      }
      signatures |= sayable;
      each.getValue()
          .forEach(
              (copy, source) ->
                  demand(docker, copy, sayable ? signed(keys, source) : type("reject")));
    }
    copies
        .denied(policy)
        .forEach(copy -> docker.set(copy.toString(), requirements(type("reject"))));
    transports.putObject("docker-daemon").set("", requirements(type("insecureAcceptAnything")));
    if (signatures) {
      notes.add(
          "Signatures are found only with use-sigstore-attachments: true in /etc/containers/registries.d.");
    }
    if (!policy.denied().isEmpty()) {
      notes.add("Denied digests cannot be said here: --kubernetes refuses them.");
    }
    return new ClusterDocument(
        MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n", notes);
  }

  /** Several demands on one copy all count. */
  private static void demand(ObjectNode docker, Repository copy, ObjectNode demand) {
    if (docker.get(copy.toString()) instanceof ArrayNode known
        && !known.path(0).path("type").asString("").equals("insecureAcceptAnything")) {
      known.add(demand);
    } else {
      docker.set(copy.toString(), requirements(demand));
    }
  }

  private static ArrayNode keys(SignaturePolicy demanded) {
    ArrayNode keys = NODES.arrayNode();
    demanded
        .signers()
        .forEach(
            signer -> {
              if (signer instanceof Signer.OfKey key) {
                keys.add(
                    Base64.getEncoder()
                        .encodeToString(
                            Signers.pem(key.key()).getBytes(StandardCharsets.US_ASCII)));
              }
            });
    return keys;
  }

  /** Signed under the source's name: the copy has the signatures that the source has. */
  private static ObjectNode signed(ArrayNode keys, Repository source) {
    ObjectNode requirement = type("sigstoreSigned");
    if (keys.size() == 1) {
      requirement.set("keyData", keys.get(0));
    } else {
      requirement.set("keyDatas", keys);
    }
    requirement
        .putObject("signedIdentity")
        .put("type", "exactRepository")
        .put("dockerRepository", source.toString());
    return requirement;
  }

  private static ObjectNode type(String type) {
    return NODES.objectNode().put("type", type);
  }

  private static ArrayNode requirements(ObjectNode requirement) {
    return NODES.arrayNode().add(requirement);
  }
}
