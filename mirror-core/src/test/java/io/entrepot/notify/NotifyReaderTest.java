package io.entrepot.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.yaml.ConfigException;
import io.entrepot.yaml.YamlDocument;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code notify:} as it is written. */
final class NotifyReaderTest {

  private static List<Sink> read(String text) {
    YamlDocument document = YamlDocument.parse("proxy.yaml", text);
    List<Sink> sinks = new NotifyReader(name -> null).read(document.root());
    document.finish();
    return sinks;
  }

  @Test
  void sinks_areRead_andTheirTextHasNoSecret() {
    List<Sink> sinks =
        read(
            """
            - { teams: "https://prod.example.org/workflows/x?sig=SECRET", on: [moved, refused] }
            - { slack: "https://hooks.slack.example/services/SECRET" }
            - { webhook: "http://127.0.0.1:8080/x", secret: "SECRET" }
            - { github: acme/ops, as: issue, token: "SECRET" }
            """);
    assertThat(sinks).hasSize(4);
    assertThat(sinks.getFirst().on()).containsExactlyInAnyOrder(EventKind.MOVED, EventKind.REFUSED);
    assertThat(sinks.get(1).on()).hasSize(EventKind.values().length);
    assertThat(sinks.toString()).doesNotContain("SECRET").contains("teams #1", "github #4");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{ teams: 'http://example.org/x' }|https://",
        "{ webhook: 'ftp://example.org/x' }|https://",
        "{ webhook: 'no address' }|not an address",
        "{ slack: 'https://x.example/', on: [moves] }|moves",
        "{ mail: a@b }|names no sink",
        "{ github: acme, token: x }|OWNER/REPO",
        "{ github: a/b }|token",
        "{ github: a/b, token: x, as: comment }|comment",
        "{ github: a/b, token: x, as: status }|GITHUB_SHA",
        "{ teams: 'https://x.example/', secret: y }|secret"
      })
  void whatIsWrong_isAProblemOfItsLine(String item, String word) {
    assertThatThrownBy(() -> read("- " + item + "\n"))
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("proxy.yaml:1")
        .hasMessageContaining(word)
        .hasMessageNotContaining("http://example.org");
  }
}
