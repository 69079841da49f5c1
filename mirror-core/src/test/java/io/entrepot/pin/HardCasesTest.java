package io.entrepot.pin;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.sites.LeftReason;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What other tools get wrong, one fixture each. */
final class HardCasesTest {

  private static final String M = Locks.MIRROR;

  private static String digest(String source) {
    return Locks.digest(source).toString();
  }

  @Test
  void case01_numberLikeTagBesideADigest_tagStaysAsWritten() {
    String source = "docker.io/acme/web-modeler:8.8";
    String text =
        """
        webModeler:
          image:
            repository: acme/web-modeler
            tag: 8.8
            digest: "%s"
        """
            .formatted(digest(source));
    Pinning pinned = Pinning.of(text, Map.of(source, M + "/acme-web-modeler:8.8"));
    assertThat(pinned.text())
        .isEqualTo(text.replace("acme/web-modeler\n", M + "/acme-web-modeler\n"));
    assertThat(pinned.left()).isEmpty();
  }

  @Test
  void case02_integerTag_staysSixteen() {
    String source = "docker.io/acme/exporter:16";
    Pinning pinned =
        Pinning.of(
            "image:\n  repository: acme/exporter\n  tag: 16\n",
            Map.of(source, M + "/acme-exporter:16"));
    assertThat(pinned.text())
        .isEqualTo(
            "image:\n  repository: " + M + "/acme-exporter\n  tag: 16@" + digest(source) + "\n");
  }

  @Test
  void case03_parentNotNamedImageAndDecimalTag() {
    String source = "quay.io/acme/oauth-proxy:4.14";
    Pinning pinned =
        Pinning.of(
            "openshift:\n  oauthProxy:\n    repository: quay.io/acme/oauth-proxy\n    tag: 4.14\n",
            Map.of(source, M + "/oauth-proxy:4.14"));
    assertThat(pinned.text()).contains("    tag: 4.14@" + digest(source) + "\n");
  }

  @Test
  void case04_anchoredImageMap_isChangedOnceWhereItIsDefined() {
    String source = "docker.io/acme/logs:v1";
    String text =
        """
        image: &image
          repository: acme/logs
          tag: v1
        loki:
          image: *image
        """;
    Pinning pinned = Pinning.of(text, Map.of(source, M + "/logs:v1"));
    assertThat(pinned.text())
        .isEqualTo(
            text.replace("acme/logs", M + "/logs").replace("tag: v1", "tag: v1@" + digest(source)));
    assertThat(pinned.edits()).hasSize(2);
  }

  @Test
  void case05_imageAndTagSideBySide_digestGoesToTheTag() {
    String source = "ghcr.io/acme/redis_exporter:v1.75.0";
    Pinning pinned =
        Pinning.of(
            "exporter:\n  image: ghcr.io/acme/redis_exporter\n  tag: v1.75.0\n",
            Map.of(source, M + "/redis-exporter:v1.75.0"));
    assertThat(pinned.text())
        .isEqualTo(
            "exporter:\n  image: %s/redis-exporter\n  tag: v1.75.0@%s\n"
                .formatted(M, digest(source)));
  }

  @Test
  void case06_shaWithoutPrefix_andAShaThatNoTemplateReads() {
    String hook = "docker.io/library/busybox:latest";
    String alerts = "quay.io/acme/alertmanager:v1";
    String text =
        """
        crds:
          upgradeJob:
            image:
              busybox:
                registry: docker.io
                repository: busybox
                tag: "latest"
                sha: ""
        alertmanagerSpec:
          image:
            registry: quay.io
            repository: acme/alertmanager
            tag: v1
            sha: ""
        """;
    Pinning pinned =
        Pinning.of(text, Map.of(hook, M + "/busybox:latest", alerts, M + "/alertmanager:v1"));
    assertThat(pinned.text())
        .contains("tag: \"latest@" + digest(hook) + "\"\n        sha: \"\"\n")
        .contains("tag: v1\n    sha: \"" + Locks.digest(alerts).hex() + "\"\n")
        .contains("registry: ghcr.io\n    repository: acme/mirror/alertmanager\n");
  }

  @Test
  void case07_emptyTag_isNamedAndItsCommentKept() {
    String text =
        "kubectl:\n  registry: registry.k8s.io\n  repository: kubectl\n  tag: \"\"  # the cluster's\n";
    Pinning pinned = Pinning.of(text, Map.of());
    assertThat(pinned.text()).isEqualTo(text);
    assertThat(pinned.reasons()).containsExactly(LeftReason.EMPTY_TAG);
  }

  @Test
  void case08_commentedImage_isNoSite() {
    String text = "thanos: {}\n  # image: quay.io/thanos/thanos:v0.1\n";
    Pinning pinned = Pinning.of(text, Map.of("quay.io/thanos/thanos:v0.1", M + "/thanos:v0.1"));
    assertThat(pinned.text()).isEqualTo(text);
    assertThat(pinned.left()).isEmpty();
  }

  @Test
  void case09_linesOfVersionAndImageInAnEnvironmentValue() {
    String one = "quay.io/acme/kafka:latest-4.2.0";
    String two = "quay.io/acme/kafka:latest-4.3.0";
    String text =
        """
        env:
          - name: STRIMZI_DEFAULT_IMAGE
            value: quay.io/acme/kafka:latest-4.3.0
          - name: STRIMZI_KAFKA_IMAGES
            value: |
              4.2.0=quay.io/acme/kafka:latest-4.2.0
              4.3.0=quay.io/acme/kafka:latest-4.3.0
        """;
    Pinning pinned =
        Pinning.of(text, Map.of(one, M + "/kafka:latest-4.2.0", two, M + "/kafka:latest-4.3.0"));
    assertThat(pinned.text())
        .isEqualTo(
            text.replace(one, M + "/kafka:latest-4.2.0@" + digest(one))
                .replace(two, M + "/kafka:latest-4.3.0@" + digest(two)));
  }

  @Test
  void case10_chartWithARange_moves_andTheRangeIsNamed() {
    String text =
        """
        kind: OCIRepository
        spec:
          url: oci://docker.io/envoyproxy/gateway-helm
          ref:
            semver: ">= 1.5.0"
        """;
    Pinning pinned =
        Pinning.of(
            text,
            Map.of(
                "docker.io/envoyproxy/gateway-helm:1.5.4", M + "/envoyproxy-gateway-helm:1.5.4"));
    assertThat(pinned.text())
        .isEqualTo(
            text.replace("docker.io/envoyproxy/gateway-helm", M + "/envoyproxy-gateway-helm"));
    assertThat(pinned.reasons()).containsExactly(LeftReason.RANGE);
  }

  @Test
  void case11_imageTwoBlockScalarsDeep() {
    String source = "docker.io/library/docker:29-dind";
    String text =
        """
        kind: HelmRelease
        spec:
          values:
            podSpecs:
              dind.yaml: |-
                initContainers:
                  - name: dind
                    image: docker:29-dind
                    args: ["--x"]
                nested: |
                  containers:
                    - image: docker:29-dind
            after: 1
        """;
    Pinning pinned = Pinning.of(text, Map.of(source, M + "/docker:29-dind"));
    assertThat(pinned.text())
        .isEqualTo(text.replace("docker:29-dind", M + "/docker:29-dind@" + digest(source)));
    assertThat(pinned.edits()).extracting(SiteEdit::line).containsExactly(8, 12);
  }

  @Test
  void case12_placeholdersBesideAnImageInAConfigMap() {
    String source = "ghcr.io/acme/mnist:v0.19.0";
    String text =
        """
        kind: ConfigMap
        data:
          trial: |-
            spec:
              containers:
                - name: c
                  image: ghcr.io/acme/mnist:v0.19.0
                  command:
                    - "--lr=${trialParameters.learningRate}"
        """;
    Pinning pinned = Pinning.of(text, Map.of(source, M + "/mnist:v0.19.0"));
    assertThat(pinned.text())
        .isEqualTo(text.replace(source, M + "/mnist:v0.19.0@" + digest(source)));
  }

  @Test
  void case13_globalRegistryWithAPathAndOneTagForAll_isNamed() {
    String text =
        """
        global:
          imageRegistry: ghcr.io/acme/katib
          imageTag: v1
        controller:
          image:
            registry: ""
            repository: controller
            tag: ""
        ui:
          image:
            repository: ui
            tag: v2
        """;
    Pinning pinned = Pinning.of(text, Map.of("ghcr.io/acme/katib/ui:v2", M + "/ui:v2"));
    assertThat(pinned.text()).isEqualTo(text);
    assertThat(pinned.reasons()).containsExactly(LeftReason.EMPTY_TAG, LeftReason.SHARED);
    assertThat(pinned.left().getFirst().reason()).contains("global.imageTag on line 3");
  }

  @Test
  void case14_fluxMarkersAndNewDigest_areLeft() {
    String text =
        """
        kind: Kustomization
        images:
          - name: app
            newName: registry.example/app # {"$imagepolicy": "ns:policy:name"}
            newTag: v1 # {"$imagepolicy": "ns:policy:tag"}
            newDigest: sha256:1234
        patches:
          - patch: |
              - op: remove
                path: /spec/x
            target:
              image: image
        """;
    Pinning pinned =
        Pinning.of(
            "kustomization.yaml",
            text,
            Map.of("registry.example/app:v1", M + "/app:v1"),
            PinRules.DEFAULT);
    assertThat(pinned.text()).isEqualTo(text);
    assertThat(pinned.left())
        .singleElement()
        .satisfies(l -> assertThat(l.reason()).contains("digest"));
  }

  @Test
  void case15_imageRefWithAFloatingTag_losesTheTag() {
    String source = "docker.io/library/nginx:latest";
    Pinning pinned =
        Pinning.of("image:\n  ref: nginx:latest\n", Map.of(source, M + "/nginx:latest"));
    assertThat(pinned.text()).isEqualTo("image:\n  ref: " + M + "/nginx@" + digest(source) + "\n");
    assertThat(Pinning.of(pinned.text(), Map.of(source, M + "/nginx:latest")).edits()).isEmpty();
  }

  @Test
  void case16_tagThatHoldsTheDigestAlready_isLeftAlone() {
    String source = "ghcr.io/acme/atuin:18.19.0";
    String text =
        "image:\n  repository: %s/atuin\n  tag: 18.19.0@%s\n".formatted(M, digest(source));
    Pinning pinned = Pinning.of(text, Map.of(source, M + "/atuin:18.19.0"));
    assertThat(pinned.edits()).isEmpty();
    assertThat(pinned.left()).isEmpty();
  }

  @Test
  void case17_halfEditedImage_tagAndDigestMoveTogether() {
    String source = "ghcr.io/acme/app:v2";
    String text =
        "image:\n  repository: %s/app\n  tag: v2@%s\n  digest: %s\n"
            .formatted(M, Locks.DIGEST_A, Locks.DIGEST_B);
    Pinning pinned = Pinning.of(text, Map.of(source, M + "/app:v2"));
    assertThat(pinned.text())
        .isEqualTo(
            "image:\n  repository: %s/app\n  tag: v2@%s\n  digest: %s\n"
                .formatted(M, digest(source), digest(source)));
  }

  @Test
  void case18_emptyDigestField_isFilled() {
    String source = "docker.io/acme/console:8.7";
    Pinning pinned =
        Pinning.of(
            "image:\n  registry: \"\"\n  repository: acme/console\n  tag: \"8.7\"\n  digest: \"\"\n",
            Map.of(source, M + "/console:8.7"));
    assertThat(pinned.text())
        .isEqualTo(
            "image:\n  registry: \"ghcr.io\"\n  repository: acme/mirror/console\n  tag: \"8.7\"\n  digest: \"%s\"\n"
                .formatted(digest(source)));
  }

  @Test
  void case19_twoImagesWithOneName_eachGetsItsOwnDigest() {
    String one = "docker.io/acme/app:1";
    String two = "docker.io/acme/app:2";
    String text = "a:\n  image: acme/app:1\nb:\n  image: acme/app:2\n";
    Pinning pinned = Pinning.of(text, Map.of(one, M + "/app:1", two, M + "/app:2"));
    assertThat(pinned.text())
        .isEqualTo(
            "a:\n  image: %s/app:1@%s\nb:\n  image: %s/app:2@%s\n"
                .formatted(M, digest(one), M, digest(two)));
  }

  @Test
  void case20_quotedStringWithCarriageReturnsAndNoLastNewline() {
    String source = "docker.io/acme/app:1";
    Pinning pinned =
        Pinning.of("a:\r\n  image: 'acme/app:1' # c\r\nb: 1", Map.of(source, M + "/app:1"));
    assertThat(pinned.text())
        .isEqualTo("a:\r\n  image: '%s/app:1@%s' # c\r\nb: 1".formatted(M, digest(source)));
  }

  @Test
  void case21_kustomizeNewTag_becomesADigest() {
    String source = "docker.io/acme/app:v1";
    String text = "kind: Kustomization\nimages:\n- name: acme/app\n  newTag: v1 # keep\n";
    Pinning pinned =
        Pinning.of("kustomization.yaml", text, Map.of(source, M + "/app:v1"), PinRules.DEFAULT);
    assertThat(pinned.text())
        .isEqualTo(
            "kind: Kustomization\nimages:\n- name: acme/app\n  newName: %s/app\n  digest: %s # keep\n"
                .formatted(M, digest(source)));
    Pinning again =
        Pinning.of(
            "kustomization.yaml", pinned.text(), Map.of(source, M + "/app:v1"), PinRules.DEFAULT);
    assertThat(again.edits()).isEmpty();
  }

  @Test
  void case22_listsOfMapsNotNamedImage() {
    String source = "docker.io/acme/forwarder:1.2";
    Pinning pinned =
        Pinning.of(
            "images:\n  forwarder:\n    registry: \"\"\n    repository: acme/forwarder\n    tag: \"1.2\"\n",
            Map.of(source, M + "/forwarder:1.2"));
    assertThat(pinned.text()).contains("tag: \"1.2@" + digest(source) + "\"");
  }

  @Test
  void case23_argumentsNextToOtherArguments() {
    String source = "quay.io/acme/reloader:v1";
    String text =
        "args:\n  - --log-level=info\n  - --reloader-image=quay.io/acme/reloader:v1\n  - --x=a.example:80\n";
    Pinning pinned = Pinning.of(text, Map.of(source, M + "/reloader:v1"));
    assertThat(pinned.text()).isEqualTo(text.replace(source, M + "/reloader:v1@" + digest(source)));
  }

  @Test
  void case24_templatedValues_areNamedAndLeft() {
    String text = "image: \"{{ .Values.image }}\"\nb:\n  image: app:${TAG}\n";
    Pinning pinned = Pinning.of(text, Map.of());
    assertThat(pinned.text()).isEqualTo(text);
    assertThat(pinned.reasons()).containsOnly(LeftReason.TEMPLATED).hasSize(2);
  }

  @Test
  void case25_doubledKeys_areAnErrorOfTheFile() {
    String text = "image: a:1\nimage: b:1\n";
    Pinning pinned = Pinning.of(text, Map.of("docker.io/library/a:1", M + "/a:1"));
    assertThat(pinned.text()).isEqualTo(text);
    assertThat(pinned.reasons()).isEqualTo(List.of(LeftReason.UNREADABLE));
    assertThat(pinned.left().getFirst().line()).isEqualTo(2);
  }

  @ParameterizedTest
  @CsvSource({"false, true", "true, false"})
  void documentOfSops_isLeft_whereItsChecksumCoversTheImage(boolean macOnly, boolean left) {
    String text =
        """
        kind: Cluster
        spec:
          image: acme/app:1.2
          token: ENC[AES256_GCM,data:AAAA,iv:BBBB,tag:CCCC,type:str]
        sops:
          mac: ENC[AES256_GCM,data:DDDD,iv:EEEE,tag:FFFF,type:str]
          mac_only_encrypted: %s
        ---
        kind: Pod
        spec: {containers: [{image: acme/app:1.2}]}
        """
            .formatted(macOnly);
    Pinning pinned = Pinning.of(text, Map.of("docker.io/acme/app:1.2", Locks.MIRROR + "/app:1.2"));
    assertThat(pinned.edits()).extracting(SiteEdit::line).contains(10);
    assertThat(pinned.edits()).hasSize(left ? 1 : 2);
    assertThat(pinned.left()).hasSize(left ? 1 : 0);
    assertThat(pinned.left()).allMatch(each -> each.reason().contains("sops"));
  }
}
