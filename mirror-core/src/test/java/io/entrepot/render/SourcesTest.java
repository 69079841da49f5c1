package io.entrepot.render;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourcesTest {

  @SuppressWarnings("NullAway.Init")
  @TempDir
  Path directory;

  @SuppressWarnings("NullAway.Init")
  private Sources sources;

  @BeforeEach
  void plant() {
    new TestTree(directory)
        .file("tree/a.yaml", "image: x\nkey:\n  image: y\n")
        .file("tree/b/c.yml", "a: [\n")
        .file("tree/b/t.yaml", "{{ if x }}\na: {{ y }}\n")
        .file("tree/.hidden/d.yaml", "a: 1\n")
        .file("other/e.yaml", "a: 1\n");
    sources = new Sources(directory.resolve("tree"));
  }

  @Test
  void directory_standsForTheYamlFilesBelowIt_hiddenOnesLeftOut() throws Exception {
    assertThat(sources.matching(".")).containsExactly("a.yaml", "b/c.yml", "b/t.yaml");
    assertThat(sources.matching("b")).containsExactly("b/c.yml", "b/t.yaml");
    assertThat(sources.directories("*")).containsExactly("b");
  }

  @Test
  void whatLiesOutside_isNotThere_unlessItIsACheckout() throws Exception {
    Path other = directory.resolve("other");
    assertThat(sources.isFile("../other/e.yaml")).isFalse();
    assertThat(sources.matching("../other")).isEmpty();
    Sources with = new Sources(directory.resolve("tree"), List.of(other));
    assertThat(with.isFile(other + "/e.yaml")).isTrue();
    assertThat(with.matching(other.toString())).containsExactly(other + "/e.yaml");
  }

  @Test
  void fileThatIsNoYaml_hasAProblemWithItsLine() {
    assertThat(sources.file("b/c.yml").problem()).isNotNull();
    assertThat(sources.file("b/c.yml").isTemplate()).isFalse();
    assertThat(sources.file("b/t.yaml").isTemplate()).isTrue();
    assertThat(sources.file("none.yaml").problem()).contains("cannot be read");
  }

  @Test
  void lines_areFoundByWordAndByKey() {
    assertThat(sources.file("a.yaml").lineOf("y")).isEqualTo(2);
    assertThat(sources.file("a.yaml").lineOfKey("key")).isEqualTo(2);
    assertThat(sources.file("a.yaml").lineOfKey("x")).isZero();
  }
}
