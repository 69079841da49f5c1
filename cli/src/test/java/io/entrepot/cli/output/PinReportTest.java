package io.entrepot.cli.output;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.pin.FilePlan;
import io.entrepot.pin.Left;
import io.entrepot.pin.PinPlan;
import io.entrepot.pin.Proof;
import io.entrepot.sites.LeftReason;
import io.entrepot.text.FilePosition;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What is left is told apart by whether somebody must do something. */
class PinReportTest {

  private static final PinPlan PLAN =
      new PinPlan(
          List.of(
              new FilePlan(
                  Path.of("a.yaml"),
                  "a.yaml",
                  "",
                  "",
                  List.of(),
                  List.of(
                      new Left(
                          FilePosition.of("a.yaml", 1), "", "", LeftReason.TEMPLATE_FILE, "one"),
                      new Left(
                          FilePosition.of("a.yaml", 2), "", "", LeftReason.NOT_LOCKED, "two")))));

  @Test
  void text_hasTwoLists_whatNeedsSomebodyFirst() {
    assertThat(printed(PinReport.Form.TEXT))
        .contains(
            """
            Left as it is, and needs somebody:
              a.yaml:2  two

            Left as it is, for information:
              a.yaml:1  one
            """);
  }

  @Test
  void json_hasOneList_andSaysOfEachWhetherItNeedsAttention() {
    JsonNode left = JsonMapper.shared().readTree(printed(PinReport.Form.JSON)).get("left");

    assertThat(left.get(0).get("needsAttention").asBoolean()).isFalse();
    assertThat(left.get(1).get("needsAttention").asBoolean()).isTrue();
  }

  @Test
  void proof_isInEveryForm_peopleGetTheFirstTwenty() {
    List<Proof.Unproved> unproved =
        IntStream.range(0, 30).mapToObj(i -> new Proof.Unproved("build " + i, "no tool")).toList();
    PinPlan plan = PLAN.with(new Proof(List.of("kustomization base"), unproved));

    JsonNode json = JsonMapper.shared().readTree(printed(plan, PinReport.Form.JSON));

    assertThat(json.get("proved").get(0).asString()).isEqualTo("kustomization base");
    assertThat(json.get("unproved")).hasSize(30);
    assertThat(json.get("unproved").get(29).get("what").asString()).isEqualTo("build 29");
    assertThat(json.get("unproved").get(29).get("reason").asString()).isEqualTo("no tool");
    for (PinReport.Form form : List.of(PinReport.Form.TEXT, PinReport.Form.MARKDOWN)) {
      assertThat(printed(plan, form))
          .contains("Not proved by rendering:", "build 19: no tool", "and 10 more")
          .contains("Proved by rendering: 1.")
          .doesNotContain("build 20:");
    }
  }

  private static String printed(PinReport.Form form) {
    return printed(PLAN, form);
  }

  private static String printed(PinPlan plan, PinReport.Form form) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrintStream stream = new PrintStream(out, true, UTF_8);
    PinReport.print(new Console(stream, stream, false), plan, form, /* planned= */ true);
    return out.toString(UTF_8);
  }
}
