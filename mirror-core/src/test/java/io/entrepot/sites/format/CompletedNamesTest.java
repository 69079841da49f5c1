package io.entrepot.sites.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Names that their reader completes. */
final class CompletedNamesTest {

  private final OneFormat read = new OneFormat(new CompletedNames());

  @Test
  void repositoriesOfKubeadm_areLeft() {
    OneFormat.Result result =
        read.of(
            """
            kind: KubeadmControlPlane
            spec:
              kubeadmConfigSpec:
                clusterConfiguration:
                  imageRepository: registry.k8s.io
                  dns: {imageRepository: registry.k8s.io/coredns, imageTag: v1.11.1}
            other: {imageRepository: quay.io/acme/app, imageTag: "1"}
            """);

    assertThat(result.sites())
        .containsExactly(
            "spec.kubeadmConfigSpec.clusterConfiguration.imageRepository = registry.k8s.io",
            "spec.kubeadmConfigSpec.clusterConfiguration.dns.imageRepository ="
                + " registry.k8s.io/coredns:v1.11.1");
    assertThat(result.kinds()).containsOnly("NOT_WRITABLE");
  }

  @Test
  void hubOfIstio_isLeft_whereATagStandsBesideIt() {
    OneFormat.Result result =
        read.of(
            """
            global: {hub: docker.io/istio, tag: 1.20.3}
            usb: {hub: docker.io/istio}
            wheel: {hub: alloy, tag: x}
            """);

    assertThat(result.sites()).containsExactly("global.hub = docker.io/istio:1.20.3");
  }

  @Test
  void resourcesOfConcourse_areLeft() {
    OneFormat.Result result =
        read.of(
            """
            resources:
              - {name: a, type: registry-image, source: {repository: golang, tag: "1.22"}}
              - {name: b, type: git, source: {repository: acme/app, tag: "1"}}
            """);

    assertThat(result.sites()).containsExactly("resources[0].source.repository = golang:1.22");
  }
}
