package io.entrepot.render;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.render.GoTemplate.TemplateException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GoTemplateTest {

  private static final Map<String, @Nullable Object> ROW =
      Map.of(
          "env",
          "dev",
          "n",
          3,
          "metadata.labels.team",
          "shop",
          "path",
          Map.of("path", "apps/web", "basename", "web", "segments", List.of("apps", "web")),
          "values",
          Map.of("host", "My_Host.example.org"));

  @ParameterizedTest
  @CsvSource({
    "a-{{env}}, a-dev",
    "{{ env }}{{n}}, dev3",
    "{{path}}, apps/web",
    "{{path[1]}}, web",
    "{{path.basename}}, web",
    "{{values.host}}, My_Host.example.org",
    "{{metadata.labels.team}}, shop",
    "nothing to fill, nothing to fill",
  })
  void fasttemplate_fillsNames(String template, String filled) throws Exception {
    assertThat(new GoTemplate(ROW, false).fill(template)).isEqualTo(filled);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{{.env}};dev",
        "{{- .env -}};dev",
        "{{ .path.path }};apps/web",
        "{{ index .path.segments 0 }};apps",
        "{{ .values.host | normalize }};my-host.example.org",
        "{{ .env | upper | quote }};\"DEV\"",
        "{{ .none | default \"x|y\" }};x|y",
        "{{ default `z` .env }};dev",
        "{{ .env | trimSuffix \"v\" | trimPrefix \"d\" }};e",
        "{{ replace \"d\" \"D\" .env }};Dev",
        "{{ .none }};''",
      })
  void goTemplate_fillsFieldsAndSimplePipelines(String template, String filled) throws Exception {
    assertThat(new GoTemplate(ROW, true).fill(template)).isEqualTo(filled);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{{ if .env }}x{{ end }}",
        "{{ range .path.segments }}x{{ end }}",
        "{{ (index .path.segments 0) }}",
        "{{ .env | sha256sum }}",
        "{{ index .path.segments 9 }}",
        "{{ .path }}",
      })
  void whatIsNotUnderstood_isSaid(String template) {
    assertThatThrownBy(() -> new GoTemplate(ROW, true).fill(template))
        .isInstanceOf(TemplateException.class);
  }

  @Test
  void nameThatNoGeneratorGives_isSaidByItsName() {
    assertThatThrownBy(() -> new GoTemplate(ROW, false).fill("{{region}}"))
        .isInstanceOf(TemplateException.class)
        .hasMessageContaining("'region'");
  }

  @Test
  void keysListsAndOtherValues_areWalked() throws Exception {
    Object filled =
        new GoTemplate(ROW, false)
            .fill(Map.of("{{env}}", List.of("{{n}}", 7, Map.of("a", "{{env}}"))));
    assertThat(filled).isEqualTo(Map.of("dev", List.of("3", 7, Map.of("a", "dev"))));
  }
}
