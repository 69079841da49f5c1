package io.entrepot.render;

import java.util.Map;
import java.util.Set;

/** Which kinds belong to the cluster and to no namespace, as far as is known without asking it. */
public final class ClusterScope {

  private static final Map<String, Set<String>> KINDS =
      Map.ofEntries(
          Map.entry("", Set.of("Namespace", "Node", "PersistentVolume", "ComponentStatus")),
          Map.entry("rbac.authorization.k8s.io", Set.of("ClusterRole", "ClusterRoleBinding")),
          Map.entry("apiextensions.k8s.io", Set.of("CustomResourceDefinition")),
          Map.entry(
              "admissionregistration.k8s.io",
              Set.of(
                  "MutatingWebhookConfiguration",
                  "ValidatingWebhookConfiguration",
                  "ValidatingAdmissionPolicy",
                  "ValidatingAdmissionPolicyBinding",
                  "MutatingAdmissionPolicy",
                  "MutatingAdmissionPolicyBinding")),
          Map.entry("apiregistration.k8s.io", Set.of("APIService")),
          Map.entry("scheduling.k8s.io", Set.of("PriorityClass")),
          Map.entry(
              "storage.k8s.io", Set.of("StorageClass", "CSIDriver", "CSINode", "VolumeAttachment")),
          Map.entry("networking.k8s.io", Set.of("IngressClass", "IPAddress", "ServiceCIDR")),
          Map.entry("node.k8s.io", Set.of("RuntimeClass")),
          Map.entry("policy", Set.of("PodSecurityPolicy")),
          Map.entry(
              "flowcontrol.apiserver.k8s.io", Set.of("FlowSchema", "PriorityLevelConfiguration")),
          Map.entry(
              "certificates.k8s.io", Set.of("CertificateSigningRequest", "ClusterTrustBundle")),
          Map.entry(
              "snapshot.storage.k8s.io", Set.of("VolumeSnapshotClass", "VolumeSnapshotContent")),
          Map.entry("gateway.networking.k8s.io", Set.of("GatewayClass")),
          Map.entry("cert-manager.io", Set.of("ClusterIssuer")),
          Map.entry(
              "external-secrets.io",
              Set.of("ClusterSecretStore", "ClusterExternalSecret", "ClusterPushSecret")),
          Map.entry("kyverno.io", Set.of("ClusterPolicy", "ClusterCleanupPolicy")),
          Map.entry("karpenter.sh", Set.of("NodePool", "NodeClaim")),
          Map.entry("trust.cert-manager.io", Set.of("Bundle")),
          Map.entry(
              "cilium.io", Set.of("CiliumClusterwideNetworkPolicy", "CiliumLoadBalancerIPPool")));

  private ClusterScope() {}

  /** Whether objects of this kind are known to have no namespace. */
  public static boolean holds(String apiVersion, String kind) {
    int slash = apiVersion.indexOf('/');
    String group = slash < 0 ? "" : apiVersion.substring(0, slash);
    return KINDS.getOrDefault(group, Set.of()).contains(kind);
  }
}
