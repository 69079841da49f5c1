package io.entrepot.pin;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.sites.FloatingTags;
import io.entrepot.sites.LeftReason;
import io.entrepot.sites.SitePattern;
import io.entrepot.sites.SiteRule;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The shapes of image sites, and what only looks like one. */
final class ShapesTest {

  private static final String M = Locks.MIRROR;
  private static final String APP = "docker.io/acme/app:1.2";
  private static final Map<String, String> LOCK = Map.of(APP, M + "/app:1.2");
  private static final String NEW = M + "/app:1.2@" + Locks.digest(APP);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "image: $\n",
        "image:    '$'   # why\n",
        "spec: {containers: [{name: a, image: \"$\"}]}\n",
        "spec:\n  imageName: $\n",
        "sidecarImage: $\n",
        "FOO_IMAGE: $\n",
        "mongodb_exporter_image: $\n",
        "services:\n  web:\n    image: $\n",
        "a:\n- name: RELATED_IMAGE_X\n  value: $\n",
        "args: [\"--image=$\"]\n",
        "args:\n- --image\n- $\n",
        "literals:\n- APP_IMAGE=$\n",
        "images:\n- $\n",
        "- op: replace\n  path: /spec/template/spec/containers/0/image\n  value: $\n",
        "source:\n  helm:\n    values: |\n      image: $\n      # end\n",
        "source:\n  helm:\n    values: |2\n        image: $\n",
        "helm:\n  parameters:\n  - name: app.image\n    value: $\n",
        "steps:\n- uses: docker://$\n",
        "jobs:\n  test:\n    container: $\n",
        "image: >-\n  $\n",
        "{\"image\": \"$\"}\n",
        "\uFEFFimage: $\r\nb: 1\r\n",
        "image:\t$\t# tab\n",
        "a: 1\n---\nimage: $\n...\n",
        "images:\n  app: $\n  other: \"$\"\n",
        "build:\n  image:\n    name: $\n    entrypoint: [\"\"]\n",
        "kind: Pod\nspec:\n  volumes:\n  - image: {reference: $, pullPolicy: Always}\n",
      })
  void string_becomesTheMirrors(String shape) {
    Pinning pinned = Pinning.of(shape.replace("$", "acme/app:1.2"), LOCK);
    assertThat(pinned.text()).isEqualTo(shape.replace("$", NEW));
    assertThat(Pinning.of(pinned.text(), LOCK).edits()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "# image: acme/app:1.2\n",
        "repository: https://github.com/acme/app\ntag: \"1.2\"\n",
        "git:\n  repository: acme/app\n  branch: main\n  tag: \"1.2\"\n",
        "dependency: {repository: \"org.acme:app:1.2\", tag: x}\n",
        "release:\n  tag: \"1.2\"\n",
        "image: logo.png\n",
        "icon:\n  image: https://example.com/app.png\n",
        "vmImage: ubuntu-latest\n",
        "dependencies:\n- name: app\n  repository: https://charts.example\n  version: \"1.2\"\n",
        "on:\n  repository: acme/app\n  ref: main\n",
        "script: |\n  echo image acme/app:1.2\n",
        "kind: ImageUpdater\nspec:\n  images:\n  - imageName: acme/app:1.2\n",
        "host: example.com:8080\nimage: example.com:8080\n",
        "imagePullPolicy: Always\nimagePullSecrets: [{name: x}]\n",
        "metadata:\n  labels:\n    app.kubernetes.io/version: \"1.2\"\n",
        "services:\n- acme/app:1.2\n",
        "images:\n  listen: localhost:80\n  mode: fast\n",
      })
  void whatOnlyLooksLikeAnImage_isLeft(String text) {
    Pinning pinned = Pinning.of(text, LOCK);
    assertThat(pinned.edits()).isEmpty();
    assertThat(pinned.left()).isEmpty();
  }

  @Test
  void servicesOfAGitlabPipeline_areImages() {
    String text = "services:\n- %s\n- name: %s\n  alias: db\n";
    Pinning pinned =
        Pinning.of(
            ".gitlab-ci.yml",
            text.formatted("acme/app:1.2", "acme/app:1.2"),
            LOCK,
            PinRules.DEFAULT);
    assertThat(pinned.text()).isEqualTo(text.formatted(NEW, NEW));
  }

  @Test
  void imageAndTagInAMapNamedImage_areOneImage() {
    String text = "image:\n  image: %s\n  tag: \"%s\"\n";
    Pinning pinned = Pinning.of(text.formatted("acme/app", "1.2"), LOCK);
    assertThat(pinned.text()).isEqualTo(text.formatted(M + "/app", "1.2@" + Locks.digest(APP)));
  }

  @Test
  void tagInsideTheRepository_staysWhenTheNameMoves() {
    String text = "image:\n  repository: %s\n  tag: \"\"\n";
    Pinning pinned = Pinning.of(text.formatted("acme/app:1.2@" + Locks.DIGEST_A), LOCK);
    assertThat(pinned.text()).isEqualTo(text.formatted(NEW));
  }

  @Test
  void brokenDigest_isNamed() {
    Pinning pinned = Pinning.of("image: acme/app:1.2@sha256:abc\n", LOCK);
    assertThat(pinned.edits()).isEmpty();
    assertThat(pinned.reasons()).containsExactly(LeftReason.NOT_A_REFERENCE);
  }

  @Test
  void templateWithoutQuotes_isNamed() {
    Pinning pinned = Pinning.of("image: {{ .Values.image }}\nother: {{ .Values.x }}\n", LOCK);
    assertThat(pinned.edits()).isEmpty();
    assertThat(pinned.left())
        .singleElement()
        .matches(left -> left.kind() == LeftReason.TEMPLATED && left.line() == 1)
        .matches(left -> left.image().equals("{{ .Values.image }}"));
  }

  @Test
  void chartOfAKustomization_movesWhereTheCopyKeepsItsName() {
    String text =
        "kind: Kustomization\nhelmCharts:\n- name: web\n  repo: oci://%s\n  version: 2.0.0\n";
    Pinning pinned =
        Pinning.of(
            text.formatted("docker.io/acme"),
            Map.of("docker.io/acme/web:2.0.0", M + "/charts/web:2.0.0"));
    assertThat(pinned.text()).isEqualTo(text.formatted(M + "/charts"));
    assertThat(pinned.left()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "kind: Kustomization\nhelmCharts:\n- name: web\n  repo: oci://docker.io/acme\n  version: 2.0.0\n",
        "source:\n  repoURL: docker.io/acme\n  chart: web\n  targetRevision: 2.0.0\n",
        "dependencies:\n- name: web\n  repository: oci://docker.io/acme\n  version: 2.0.0\n"
      })
  void chartWhoseCopyHasAnotherName_isLeft(String text) {
    // The archive unpacks to a directory of the chart's own name, and that is looked for.
    Pinning pinned = Pinning.of(text, Map.of("docker.io/acme/web:2.0.0", M + "/acme-web:2.0.0"));
    assertThat(pinned.text()).isEqualTo(text);
    assertThat(pinned.left())
        .singleElement()
        .matches(left -> left.kind() == LeftReason.NOT_WRITABLE)
        .matches(left -> left.reason().contains("the copy is named 'acme-web'"));
  }

  @Test
  void chartByDigestAlone_isPinned_andNothingStaysOpen() {
    String chart = "docker.io/acme/web:2.0.0";
    String text = "kind: OCIRepository\nspec:\n  url: oci://%s\n  ref:\n    digest: %s\n";
    Map<String, String> lock = Map.of(chart, M + "/acme-web:2.0.0");
    Pinning pinned = Pinning.of(text.formatted("docker.io/acme/web", Locks.digest(chart)), lock);
    assertThat(pinned.text()).isEqualTo(text.formatted(M + "/acme-web", Locks.digest(chart)));
    assertThat(pinned.left()).isEmpty();
    assertThat(Pinning.of(pinned.text(), lock).left()).isEmpty();
    assertThat(Pinning.of(text.formatted("docker.io/acme/web", Locks.DIGEST_B), lock).reasons())
        .containsExactly(LeftReason.NOT_LOCKED);
  }

  @Test
  void registryOfCharts_isNamedUntilItIsTheMirrors() {
    String text = "kind: HelmRepository\nspec:\n  type: oci\n  url: oci://%s\n";
    Map<String, String> lock = Map.of("docker.io/acme/web:2.0.0", M + "/acme-web:2.0.0");
    assertThat(Pinning.of(text.formatted("docker.io/acme"), lock).reasons())
        .containsExactly(LeftReason.NOT_WRITABLE);
    assertThat(Pinning.of(text.formatted(M), lock).left()).isEmpty();
    assertThat(Pinning.of(text.formatted(M + "/"), lock).left()).isEmpty();
  }

  @Test
  void aliasWithoutItsAnchor_isAFileThatCannotBeRead() {
    Pinning pinned = Pinning.of("a: {image: \"acme/app:1.2\"}\nb: {image: *nobody}\n", LOCK);
    assertThat(pinned.edits()).isEmpty();
    assertThat(pinned.left())
        .singleElement()
        .matches(left -> left.kind() == LeftReason.UNREADABLE && left.line() == 2)
        .matches(left -> left.reason().contains("*nobody"));
  }

  @Test
  void fields_inAnyOrderAndFlowStyle() {
    Pinning pinned =
        Pinning.of(
            "image: {tag: '1.2', digest: , pullPolicy: Always, repository: acme/app, registry: docker.io}\n",
            LOCK);
    assertThat(pinned.text())
        .isEqualTo(
            "image: {tag: '1.2', digest: %s , pullPolicy: Always, repository: acme/mirror/app, registry: ghcr.io}\n"
                .formatted(Locks.digest(APP)));
  }

  @Test
  void flatPairs_andRegistryBesideThem() {
    Pinning pinned =
        Pinning.of(
            "imageRegistry: docker.io\nimageRepository: acme/app\nimageTag: \"1.2\"\n", LOCK);
    assertThat(pinned.text())
        .isEqualTo(
            "imageRegistry: ghcr.io\nimageRepository: acme/mirror/app\nimageTag: \"1.2@%s\"\n"
                .formatted(Locks.digest(APP)));
  }

  @Test
  void globalRegistry_changesOnceWhenAllOfItsImagesFollow() {
    String other = "docker.io/acme/other:2";
    String text =
        """
        global:
          imageRegistry: docker.io
        a:
          image:
            repository: acme/app
            tag: "1.2"
        b:
          image:
            repository: acme/other
            tag: "2"
        """;
    Pinning both = Pinning.of(text, Map.of(APP, M + "/app:1.2", other, M + "/other:2"));
    assertThat(both.text())
        .contains("imageRegistry: ghcr.io\n", "repository: acme/mirror/app\n", "mirror/other\n");
    Pinning one = Pinning.of(text, LOCK);
    assertThat(one.text()).isEqualTo(text);
    assertThat(one.reasons()).containsExactlyInAnyOrder(LeftReason.SHARED, LeftReason.NOT_LOCKED);
  }

  @Test
  void anchoredTag_thatIsALabelToo_isRefusedWithTheLines() {
    String text =
        """
        labels:
          app.kubernetes.io/version: &v "1.2"
        image:
          repository: acme/app
          tag: *v
        """;
    Pinning pinned = Pinning.of(text, LOCK);
    assertThat(pinned.text()).isEqualTo(text);
    assertThat(pinned.left())
        .singleElement()
        .satisfies(left -> assertThat(left.reason()).contains("&v on line 2"));
  }

  @Test
  void anchoredReference_ofWhichAllUsersAreImages_changesWhereItIsDefined() {
    String text = "x-app: &app acme/app:1.2\na:\n  image: *app\nb:\n  image: *app\n";
    Pinning pinned = Pinning.of(text, LOCK);
    assertThat(pinned.text()).isEqualTo(text.replace("acme/app:1.2", NEW));
    assertThat(pinned.edits()).hasSize(1);
  }

  @Test
  void mergedMap_withATagOfItsOwn() {
    String text =
        """
        base: &base
          repository: acme/app
          tag: "1.2"
        image:
          <<: *base
          tag: "1.2"
        """;
    Pinning pinned = Pinning.of(text, LOCK);
    assertThat(pinned.text())
        .isEqualTo(
            text.replace("acme/app", M + "/app")
                .replace("\"1.2\"", "\"1.2@" + Locks.digest(APP) + "\""));
  }

  @Test
  void helmParameters_areOneImageTogether() {
    String text =
        """
        parameters:
        - name: web.image.repository
          value: acme/app
        - name: replicas
          value: "2"
        - name: web.image.tag
          value: "1.2"
        """;
    assertThat(Pinning.of(text, LOCK).text())
        .isEqualTo(
            text.replace("acme/app", M + "/app")
                .replace("\"1.2\"", "\"1.2@" + Locks.digest(APP) + "\""));
  }

  @Test
  void argoKustomizeImages_nameTheOldImage() {
    Pinning pinned =
        Pinning.of("kustomize:\n  images:\n  - acme/app:1.2\n  - x=acme/app:1.2\n", LOCK);
    assertThat(pinned.text())
        .isEqualTo(
            "kustomize:\n  images:\n  - acme/app=%s/app@%s\n  - x=%s/app@%s\n"
                .formatted(M, Locks.digest(APP), M, Locks.digest(APP)));
    assertThat(Pinning.of(pinned.text(), LOCK).edits()).isEmpty();
  }

  @Test
  void kustomization_insideABlockAndInFlowStyle() {
    String text = "x: |\n  kind: Kustomization\n  images:\n  - {name: acme/app, newTag: \"1.2\"}\n";
    assertThat(Pinning.of(text, LOCK).text())
        .isEqualTo(
            "x: |\n  kind: Kustomization\n  images:\n  - {name: acme/app, newName: %s/app, digest: \"%s\"}\n"
                .formatted(M, Locks.digest(APP)));
    String lines =
        "x: |\n  kind: Kustomization\n  images:\n    - name: acme/app\n      newTag: \"1.2\"\n";
    assertThat(Pinning.of(lines, LOCK).text())
        .isEqualTo(
            "x: |\n  kind: Kustomization\n  images:\n    - name: acme/app\n      newName: %s/app\n      digest: \"%s\"\n"
                .formatted(M, Locks.digest(APP)));
  }

  @Test
  void charts_moveToTheMirror() {
    Map<String, String> lock =
        Map.of("docker.io/envoyproxy/gateway-helm:1.5.4", M + "/envoyproxy-gateway-helm:1.5.4");
    assertThat(
            Pinning.of(
                    "chart:\n  repoURL: oci://docker.io/envoyproxy/gateway-helm\n  chart: gateway-helm\n  version: 1.5.4\n",
                    lock)
                .text())
        .contains("repoURL: oci://" + M + "/envoyproxy-gateway-helm\n");
    assertThat(
            Pinning.of(
                    "source:\n  repoURL: docker.io/envoyproxy\n  chart: gateway-helm\n  targetRevision: 1.5.4\n",
                    Map.of("docker.io/envoyproxy/gateway-helm:1.5.4", M + "/gateway-helm:1.5.4"))
                .text())
        .isEqualTo(
            "source:\n  repoURL: %s\n  chart: gateway-helm\n  targetRevision: 1.5.4\n"
                .formatted(M));
  }

  @Test
  void movedLock_rewritesTheDigestAndSaysSo() {
    Pinning pinned = Pinning.of("image: %s/app:1.2@%s\n".formatted(M, Locks.DIGEST_B), LOCK);
    assertThat(pinned.text()).isEqualTo("image: " + NEW + "\n");
    assertThat(pinned.edits().getFirst().note()).contains("moved on from sha256:bbbbbbbbbbbb");
  }

  @Test
  void rules_nameWhatNoConventionCovers() {
    PinRules rules =
        new PinRules(
            List.of(),
            List.of(),
            FloatingTags.DEFAULT,
            List.of(
                new SiteRule(SitePattern.of("spec.*.build"), SiteRule.Holds.IMAGE, null),
                new SiteRule(
                    SitePattern.of("alloy.image"),
                    SiteRule.Holds.IMAGE,
                    SiteRule.DigestField.DIGEST),
                new SiteRule(SitePattern.of("**.legacy"), SiteRule.Holds.NOTHING, null)));
    Pinning pinned =
        Pinning.of(
            "v.yaml",
            "spec:\n  engine:\n    build: acme/app:1.2\nalloy:\n  image:\n    repository: acme/app\n    tag: \"1.2\"\nx:\n  legacy:\n    image: acme/app:1.2\n",
            LOCK,
            rules);
    assertThat(pinned.text())
        .isEqualTo(
            "spec:\n  engine:\n    build: %s\nalloy:\n  image:\n    repository: %s/app\n    tag: \"1.2\"\n    digest: %s\nx:\n  legacy:\n    image: acme/app:1.2\n"
                .formatted(NEW, M, Locks.digest(APP)));
  }

  @Test
  void status_isWhatAControllerReportsAndStays() {
    String text =
        "apiVersion: v1\nkind: Application\nspec: {x: 1}\nstatus:\n  summary:\n    images: [\"acme/app:1.2\"]\n";
    assertThat(Pinning.of(text, LOCK).edits()).isEmpty();
    assertThat(Pinning.of("status:\n  image: acme/app:1.2\n", LOCK).edits()).hasSize(1);
  }

  @Test
  void chartWithItsVersionInTheAddress_keepsTheVersion() {
    Map<String, String> lock = Map.of("ghcr.io/acme/charts/app:1.3.0", M + "/charts-app:1.3.0");
    assertThat(Pinning.of("url: oci://ghcr.io/acme/charts/app:1.3.0\n", lock).text())
        .isEqualTo("url: oci://%s/charts-app:1.3.0\n".formatted(M));
    assertThat(
            Pinning.of(
                    "url: oci://ghcr.io/acme/charts/app:1.3.0@%s\n".formatted(Locks.DIGEST_A), lock)
                .text())
        .isEqualTo(
            "url: oci://%s/charts-app:1.3.0@%s\n"
                .formatted(M, Locks.digest("ghcr.io/acme/charts/app:1.3.0")));
  }

  @Test
  void registryWithAPathAbove_movesWhenAllBelowItAgree() {
    Map<String, String> lock =
        Map.of("quay.io/acme/a:1", M + "/acme-a:1", "quay.io/acme/b:2", M + "/acme-b:2");
    String text =
        "global: {imageRegistry: quay.io/acme}\na: {image: {repository: a, tag: \"1\"}}\nb: {image: {repository: b, tag: \"2\"}}\n";
    Pinning pinned = Pinning.of(text, lock);
    assertThat(pinned.text())
        .isEqualTo(
            "global: {imageRegistry: %s}\na: {image: {repository: acme-a, tag: \"1@%s\"}}\nb: {image: {repository: acme-b, tag: \"2@%s\"}}\n"
                .formatted(M, Locks.digest("quay.io/acme/a:1"), Locks.digest("quay.io/acme/b:2")));
    assertThat(Pinning.of(pinned.text(), lock).edits()).isEmpty();
    assertThat(Pinning.of(text + "c: {image: {repository: c, tag: \"3\"}}\n", lock).edits())
        .isEmpty();
  }

  @Test
  void registryAbove_staysWhereAnImageBelowItWithARegistryOfItsOwnStays() {
    String text =
        "global: {image: {registry: docker.io}}\na: {image: {repository: acme/app, tag: \"1.2\"}}\nb: {image: {registry: docker.io, repository: acme/other, tag: \"\"}}\n";
    Pinning pinned = Pinning.of(text, LOCK);
    assertThat(pinned.edits()).isEmpty();
    assertThat(pinned.reasons()).contains(LeftReason.SHARED, LeftReason.EMPTY_TAG);
  }

  @Test
  void projectPrefixAbove_doesNotReplaceARegistryOfItsOwn() {
    assertThat(
            Pinning.sites(
                "global: {imageRegistry: ghcr.io/acme}\nproxy: {image: {registry: quay.io, repository: x/y, tag: v1}}\n"))
        .extracting(site -> site.reading().toString())
        .containsExactly("quay.io/x/y:v1");
  }

  @Test
  void fluxMarker_saysWhatAValueIsAndIsKept() {
    String text = "engine: acme/app:1.2 # {\"$imagepolicy\": \"flux-system:app\"}\n";
    Pinning pinned = Pinning.of(text, LOCK);
    assertThat(pinned.text()).isEqualTo(text.replace("acme/app:1.2", NEW));
    assertThat(pinned.edits().getFirst().note()).contains("Flux writes this line too");
    assertThat(
            Pinning.of(
                    "engineVersion: \"1.2\" # {\"$imagepolicy\": \"flux-system:app:tag\"}\n", LOCK)
                .reasons())
        .containsExactly(LeftReason.NO_REPOSITORY);
  }

  @Test
  void tagThatFluxWrites_getsNoDigestBesideItThatWouldStayBehind() {
    String text =
        "image:\n  repository: acme/app\n  tag: \"1.2\" # {\"$imagepolicy\": \"flux-system:app:tag\"}\n  digest: \"\"\n";
    assertThat(Pinning.of(text, LOCK).edits()).isEmpty();
    assertThat(Pinning.of(text, LOCK).left().getFirst().reason())
        .contains("Flux writes the tag on line 3");
  }

  @Test
  void renovateComment_saysWhatTheNextLineIs() {
    String comment = "# renovate: datasource=docker depName=acme/app\n";
    assertThat(Pinning.of(comment + "engine: acme/app:1.2\n", LOCK).text())
        .isEqualTo(comment + "engine: " + NEW + "\n");
    Pinning tagAlone = Pinning.of(comment + "engineVersion: \"1.2\"\n", LOCK);
    assertThat(tagAlone.edits()).isEmpty();
    assertThat(tagAlone.left().getFirst().image()).isEqualTo("acme/app:1.2");
  }

  @Test
  void imageThatAnOperatorJoinsWithItsVersion_isLeft() {
    String text = "apiVersion: x/v1\nkind: Cluster\nspec:\n  image: acme/app\n  version: \"1.2\"\n";
    Pinning pinned = Pinning.of(text, Map.of("docker.io/acme/app:latest", M + "/app:latest"));
    assertThat(pinned.edits()).isEmpty();
    assertThat(pinned.left().getFirst().reason()).contains("'1.2' on line 5");
  }

  @Test
  void serviceOfGitLabWithoutAnAlias_getsAnotherHost_whichTheReportSays() {
    Map<String, String> lock =
        Map.of("docker.io/library/postgres:16", Locks.MIRROR + "/postgres:16");
    String text =
        """
        test:
          services:
            - postgres:16
            - name: postgres:16
              alias: db
        """;

    Pinning pinning = Pinning.of(".gitlab-ci.yml", text, lock, PinRules.DEFAULT);

    assertThat(pinning.edits())
        .filteredOn(edit -> edit.note().contains("give it an alias"))
        .extracting(SiteEdit::line)
        .containsExactly(3);
    assertThat(pinning.edits()).hasSize(2);
  }
}
