package io.entrepot.cli.output;

import io.entrepot.doctor.Diagnosis;
import io.entrepot.text.FilePosition;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What {@code doctor} found. */
public final class DoctorOutput {

  private DoctorOutput() {}

  /**
   * What the proxy answered.
   *
   * @param address of the request
   * @param status 0 where no answer came
   * @param problem null where all is well
   * @param advice what to do, or a remark; null where there is none
   */
  public record Answer(
      String address, int status, @Nullable String problem, @Nullable String advice) {}

  /**
   * One client.
   *
   * @param lines the configuration that leads through the proxy
   * @param notes what to do beside writing it
   */
  public record Client(
      String name, Diagnosis diagnosis, Answer answer, String lines, List<String> notes) {

    /** Copies the list. */
    public Client {
      notes = List.copyOf(notes);
    }

    /** Whether nothing is wrong. */
    public boolean isWhole() {
      return diagnosis.isWhole() && answer.problem() == null;
    }
  }

  /** Prints all, as a document or as lines. */
  public static void print(Console console, boolean json, List<Client> clients) {
    if (json) {
      console.document(Json.document(document(clients)));
      return;
    }
    for (Client client : clients) {
      lines(console, client);
    }
  }

  private static void lines(Console console, Client client) {
    console.result(client.name());
    for (Diagnosis.Route route : client.diagnosis().routes()) {
      console.result(
          "  %-8s %-20s %s  (%s)"
              .formatted(word(route.way()), route.registry(), route.why(), route.at()));
    }
    for (Diagnosis.Fault fault : client.diagnosis().faults()) {
      console.result("  %-8s %s: %s".formatted("wrong", fault.at(), indented(fault.message())));
    }
    Answer answer = client.answer();
    String said =
        answer.problem() != null
            ? answer.problem() + (answer.status() > 0 ? " (HTTP " + answer.status() + ")" : "")
            : answer.status() > 0 ? "HTTP " + answer.status() : "answered";
    console.result(
        "  %-8s GET %s: %s"
            .formatted(answer.problem() == null ? "answers" : "wrong", answer.address(), said));
    if (answer.advice() != null) {
      console.result("  %-8s %s".formatted("", answer.advice()));
    }
    if (!client.diagnosis().isWhole()) {
      console.result("  write");
      client.lines().lines().forEach(line -> console.result(line.isEmpty() ? "" : "    " + line));
      client.notes().forEach(note -> console.result("  %-8s %s".formatted("note", note)));
    }
  }

  private static String indented(String message) {
    return message.replace("\n", "\n    ");
  }

  private static ObjectNode document(List<Client> clients) {
    ObjectNode root = Json.object();
    ArrayNode all = root.putArray("clients");
    for (Client client : clients) {
      ObjectNode each = all.addObject().put("client", client.name()).put("ok", client.isWhole());
      ArrayNode registries = each.putArray("registries");
      for (Diagnosis.Route route : client.diagnosis().routes()) {
        ObjectNode line =
            registries
                .addObject()
                .put("registry", route.registry())
                .put("way", word(route.way()))
                .put("why", route.why());
        place(line, route.at());
      }
      ArrayNode problems = each.putArray("problems");
      for (Diagnosis.Fault fault : client.diagnosis().faults()) {
        place(problems.addObject().put("message", fault.message()), fault.at());
      }
      Answer answer = client.answer();
      each.putObject("request")
          .put("url", answer.address())
          .put("status", answer.status())
          .put("problem", answer.problem())
          .put("advice", answer.advice());
      each.put("write", client.lines());
      each.set("notes", Json.texts(client.notes()));
    }
    root.put("ok", clients.stream().allMatch(Client::isWhole));
    return root;
  }

  private static void place(ObjectNode line, FilePosition at) {
    line.put("file", at.file()).put("line", at.line());
  }

  private static String word(Diagnosis.Way way) {
    return way.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
