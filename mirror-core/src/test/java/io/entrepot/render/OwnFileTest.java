package io.entrepot.render;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.yaml.SourceText;
import io.entrepot.yaml.YamlScanner;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OwnFileTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "mirror.yaml | target: ghcr.io/acme | true",
        "pin.yaml | lock: images.lock.yaml | true",
        "check.yaml | targets: { a: { platforms: [linux/amd64] } } | true",
        "proxy.yaml | listen: x | true",
        "images.lock.yaml | images: {} | true",
        "proxy.yaml | image: { repository: acme/proxy } | false",
        "mirror.yaml | { kind: ConfigMap, target: x } | false",
        "images.lock.yaml | kind: ConfigMap | false",
        "values.yaml | target: x | false",
      })
  void ownFiles_areToldByNameAndContent(String name, String text, boolean own) {
    assertThat(OwnFile.is(name, YamlScanner.scan(SourceText.of(text + "\n")))).isEqualTo(own);
  }
}
