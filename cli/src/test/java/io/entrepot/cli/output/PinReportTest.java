package io.entrepot.cli.output;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.pin.FilePlan;
import io.entrepot.pin.Left;
import io.entrepot.pin.PinPlan;
import io.entrepot.sites.LeftReason;
import io.entrepot.text.FilePosition;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
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

  private static String printed(PinReport.Form form) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrintStream stream = new PrintStream(out, true, UTF_8);
    PinReport.print(new Console(stream, stream, false), PLAN, form, /* planned= */ true);
    return out.toString(UTF_8);
  }
}
