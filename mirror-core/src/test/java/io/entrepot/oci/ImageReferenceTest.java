package io.entrepot.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageReferenceTest {

  private static final String HEX = "ab".repeat(32);

  @ParameterizedTest
  @CsvSource({
    "redis, docker.io/library/redis",
    "redis:7, docker.io/library/redis:7",
    "bitnami/redis, docker.io/bitnami/redis",
    "docker.io/redis:7.2, docker.io/library/redis:7.2",
    "index.docker.io/library/redis, docker.io/library/redis",
    "registry-1.docker.io/library/redis, docker.io/library/redis",
    "localhost/a, localhost/a",
    "localhost:5000/a/b:c, localhost:5000/a/b:c",
    "127.0.0.1:5000/x, 127.0.0.1:5000/x",
    "'[::1]:5000/x:1', '[::1]:5000/x:1'",
    "GHCR.io/acme/app:1.0, ghcr.io/acme/app:1.0",
    "ghcr.io/a/b/c/d:v1.2.3-rc.1, ghcr.io/a/b/c/d:v1.2.3-rc.1",
    "host:5000/x, host:5000/x",
  })
  void parse_asPeopleWriteIt_isCanonical(String text, String canonical) {
    assertThat(ImageReference.parse(text).toString()).isEqualTo(canonical);
    assertThat(ImageReference.parse(canonical)).isEqualTo(ImageReference.parse(text));
  }

  @Test
  void parse_tagAndDigest_keepsBoth() {
    ImageReference reference = ImageReference.parse("redis:7@sha256:" + HEX);

    assertThat(reference.tag()).isEqualTo(new Tag("7"));
    assertThat(reference.identifier()).isEqualTo("sha256:" + HEX);
    assertThat(reference.toString()).isEqualTo("docker.io/library/redis:7@sha256:" + HEX);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ":7",
        "redis:",
        "redis@",
        "redis@sha256:12",
        "Redis",
        "a//b",
        "/a",
        "a/",
        "../x",
        "a/../b",
        "a b",
        "a%2Fb",
        "ghcr.io/",
        "ghcr.io/A/b",
        "host:99999/x",
        "https://ghcr.io/a/b",
        "a@sha256:zz",
        "redis:-x",
        "ünï/x"
      })
  void parse_notAReference_refused(String text) {
    assertThatThrownBy(() -> ImageReference.parse(text)).isInstanceOf(MalformedException.class);
  }

  @Test
  void parse_tagOf129Characters_refused() {
    assertThat(ImageReference.parse("x:" + "a".repeat(128)).tag()).isNotNull();
    assertThatThrownBy(() -> ImageReference.parse("x:" + "a".repeat(129)))
        .isInstanceOf(MalformedException.class);
  }

  @Test
  void contains_repositoryBelow_onlyAtAPartBoundary() {
    Repository target = Repository.parse("ghcr.io/acme/mirror");

    assertThat(target.contains(Repository.parse("ghcr.io/acme/mirror/redis"))).isTrue();
    assertThat(target.contains(Repository.parse("ghcr.io/acme/mirrored"))).isFalse();
    assertThat(target.contains(Repository.parse("quay.io/acme/mirror/redis"))).isFalse();
  }

  @Test
  void order_isThatOfTheTexts() {
    List<ImageReference> references = new ArrayList<>();
    for (String name :
        List.of("a.io/b", "a.io/b/c", "a.io/b-c", "a.io/b.c", "a.io/bc", "a.io:5000/b", "b.io/a")) {
      references.add(ImageReference.parse(name));
      for (String end : List.of(":1", ":1.0", ":1-a", ":A", "@sha256:" + "0".repeat(64))) {
        references.add(ImageReference.parse(name + end));
      }
      references.add(ImageReference.parse(name + ":1@sha256:" + "f".repeat(64)));
    }
    for (ImageReference one : references) {
      for (ImageReference other : references) {
        assertThat(Integer.signum(one.compareTo(other)))
            .as("%s, %s", one, other)
            .isEqualTo(Integer.signum(one.toString().compareTo(other.toString())));
        assertThat(Integer.signum(one.repository().compareTo(other.repository())))
            .isEqualTo(
                Integer.signum(
                    one.repository().toString().compareTo(other.repository().toString())));
      }
    }
  }
}
