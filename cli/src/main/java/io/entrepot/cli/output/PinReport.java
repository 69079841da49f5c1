package io.entrepot.cli.output;

import io.entrepot.pin.FilePlan;
import io.entrepot.pin.Left;
import io.entrepot.pin.PinPlan;
import io.entrepot.pin.Proof;
import io.entrepot.pin.SiteEdit;
import java.io.Writer;
import java.util.List;
import java.util.Locale;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.databind.json.JsonMapper;

/** What {@code pin}, {@code bump} and {@code promote} print. */
public final class PinReport {

  private static final JsonMapper MAPPER =
      JsonMapper.builder().disable(StreamWriteFeature.AUTO_CLOSE_TARGET).build();

  /** What needs somebody stands before what does not. */
  private static final List<Boolean> BOTH = List.of(true, false);

  /** How many of what could not be rendered are named to people; the JSON has all. */
  private static final int MOST_UNPROVED = 20;

  private PinReport() {}

  /** The forms of a report. */
  public enum Form {
    /** A table for people. */
    TEXT,
    /** The shape in the README. */
    JSON,
    /** For the body of a pull request. */
    MARKDOWN
  }

  public static void print(Console console, PinPlan plan, Form form, boolean planned) {
    switch (form) {
      case TEXT -> console.result(text(plan, planned).stripTrailing());
      // It says more about each image than the others, and trees may have tens of thousands.
      case JSON -> console.document(writer -> json(plan, writer));
      case MARKDOWN -> console.document(markdown(plan, planned));
    }
  }

  public static String line(Left left) {
    return "%s:%d  %s%s"
        .formatted(
            left.file(),
            left.line(),
            left.image().isEmpty() ? "" : left.image() + ": ",
            left.reason());
  }

  private static String text(PinPlan plan, boolean planned) {
    StringBuilder out = new StringBuilder();
    String file = "";
    for (SiteEdit edit : plan.edits()) {
      if (!edit.file().equals(file)) {
        file = edit.file();
        out.append(file).append('\n');
      }
      out.append(
          "  %5d  %s%s%s\n"
              .formatted(
                  edit.line(),
                  edit.old().isEmpty() ? "" : edit.old() + " → ",
                  edit.replacement(),
                  edit.note().isEmpty() ? "" : "  (" + edit.note() + ")"));
    }
    for (boolean needsAttention : BOTH) {
      List<Left> some = left(plan, needsAttention);
      if (!some.isEmpty()) {
        out.append(out.isEmpty() ? "" : "\n").append(heading(needsAttention)).append('\n');
        some.forEach(left -> out.append("  ").append(line(left)).append('\n'));
      }
    }
    String rendered = rendered(plan.proof());
    if (!rendered.isEmpty()) {
      out.append(out.isEmpty() ? "" : "\n").append(rendered);
    }
    out.append(summary(plan, planned)).append('\n');
    return out.toString();
  }

  /** What rendering has shown, or could not; empty where nothing was to be rendered. */
  public static String rendered(Proof proof) {
    StringBuilder out = new StringBuilder();
    if (!proof.unproved().isEmpty()) {
      out.append("Not proved by rendering:\n");
      for (Proof.Unproved unproved : proof.unproved().stream().limit(MOST_UNPROVED).toList()) {
        out.append("  %s: %s\n".formatted(unproved.what(), unproved.reason()));
      }
      if (proof.unproved().size() > MOST_UNPROVED) {
        out.append("  and %d more\n".formatted(proof.unproved().size() - MOST_UNPROVED));
      }
    }
    if (!proof.proved().isEmpty()) {
      out.append("Proved by rendering: %d.\n".formatted(proof.proved().size()));
    }
    return out.toString();
  }

  private static List<Left> left(PinPlan plan, boolean needsAttention) {
    return plan.left().stream().filter(left -> left.kind().blocks() == needsAttention).toList();
  }

  private static String heading(boolean needsAttention) {
    return needsAttention
        ? "Left as it is, and needs somebody:"
        : "Left as it is, for information:";
  }

  private static String summary(PinPlan plan, boolean planned) {
    long files = plan.files().stream().filter(FilePlan::changes).count();
    long sites =
        plan.edits().stream().map(edit -> edit.file() + "\n" + edit.path()).distinct().count();
    return "%s%d %s in %d %s; %d left."
        .formatted(
            planned ? "Would change " : "Changed ",
            sites,
            sites == 1 ? "site" : "sites",
            files,
            files == 1 ? "file" : "files",
            plan.left().size());
  }

  private static void json(PinPlan plan, Writer out) {
    try (JsonGenerator json = MAPPER.writerWithDefaultPrettyPrinter().createGenerator(out)) {
      json.writeStartObject();
      json.writeArrayPropertyStart("edits");
      for (SiteEdit edit : plan.edits()) {
        json.writeStartObject();
        json.writeStringProperty("file", edit.file());
        json.writeNumberProperty("line", edit.line());
        json.writeStringProperty("path", edit.path());
        json.writeStringProperty("image", edit.image());
        json.writeStringProperty("old", edit.old());
        json.writeStringProperty("new", edit.replacement());
        if (!edit.note().isEmpty()) {
          json.writeStringProperty("note", edit.note());
        }
        json.writeEndObject();
      }
      json.writeEndArray();
      json.writeArrayPropertyStart("left");
      for (Left left : plan.left()) {
        json.writeStartObject();
        json.writeStringProperty("file", left.file());
        json.writeNumberProperty("line", left.line());
        json.writeStringProperty("path", left.path());
        json.writeStringProperty("image", left.image());
        json.writeStringProperty("reason", left.reason());
        json.writeStringProperty(
            "kind", left.kind().name().toLowerCase(Locale.ROOT).replace('_', '-'));
        json.writeBooleanProperty("needsAttention", left.kind().blocks());
        json.writeEndObject();
      }
      json.writeEndArray();
      proof(json, plan.proof());
      json.writeEndObject();
      json.writeRaw('\n');
    }
  }

  private static void proof(JsonGenerator json, Proof proof) {
    json.writeArrayPropertyStart("proved");
    proof.proved().forEach(json::writeString);
    json.writeEndArray();
    json.writeArrayPropertyStart("unproved");
    for (Proof.Unproved unproved : proof.unproved()) {
      json.writeStartObject();
      json.writeStringProperty("what", unproved.what());
      json.writeStringProperty("reason", unproved.reason());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static String markdown(PinPlan plan, boolean planned) {
    StringBuilder out = new StringBuilder();
    if (!plan.edits().isEmpty()) {
      out.append("| file | line | old | new |\n|---|---|---|---|\n");
      for (SiteEdit edit : plan.edits()) {
        row(
            out,
            List.of(
                edit.file(),
                String.valueOf(edit.line()),
                code(edit.old()),
                code(edit.replacement()) + (edit.note().isEmpty() ? "" : "<br>" + edit.note())));
      }
    }
    for (boolean needsAttention : BOTH) {
      List<Left> some = left(plan, needsAttention);
      if (some.isEmpty()) {
        continue;
      }
      out.append(out.isEmpty() ? "" : "\n")
          .append(heading(needsAttention))
          .append("\n\n| file | line | image | why |\n|---|---|---|---|\n");
      for (Left left : some) {
        row(
            out,
            List.of(left.file(), String.valueOf(left.line()), code(left.image()), left.reason()));
      }
    }
    String rendered = rendered(plan.proof());
    return out.append(rendered.isEmpty() ? "" : "\n" + rendered)
        .append('\n')
        .append(summary(plan, planned))
        .append('\n')
        .toString();
  }

  private static void row(StringBuilder out, List<String> cells) {
    out.append('|');
    cells.forEach(
        cell -> out.append(' ').append(cell.replace("|", "\\|").replace("\n", " ")).append(" |"));
    out.append('\n');
  }

  private static String code(String text) {
    return text.isEmpty() ? "" : "`" + text.replace("`", "'") + "`";
  }
}
