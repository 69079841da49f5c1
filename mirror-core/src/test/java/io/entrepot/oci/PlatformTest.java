package io.entrepot.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PlatformTest {

  @ParameterizedTest
  @CsvSource({
    "linux/x86_64, linux/amd64",
    "linux/aarch64, linux/arm64",
    "linux/arm64/v8, linux/arm64",
    "linux/amd64/v1, linux/amd64",
    "linux/amd64/v3, linux/amd64/v3",
    "linux/arm, linux/arm/v7",
    "linux/arm/6, linux/arm/v6",
    "linux/armel, linux/arm/v6",
    "linux/i386, linux/386",
    "Linux/AMD64, linux/amd64",
    "macos/arm64, darwin/arm64",
  })
  void parse_otherSpellings_areOne(String text, String normal) {
    assertThat(Platform.parse(text).toString()).isEqualTo(normal);
  }

  @ParameterizedTest
  @CsvSource({
    "linux/amd64, linux/amd64, true",
    "linux/amd64, linux/arm64, false",
    "linux/amd64, windows/amd64, false",
    "linux/amd64/v2, linux/amd64, false",
    "linux/amd64, linux/amd64/v3, true",
    "linux/arm/v6, linux/arm/v7, true",
    "linux/arm/v7, linux/arm/v6, false",
    "linux/arm64/v9, linux/arm64, false",
    "linux/ppc64le, linux/ppc64le, true",
    "linux/mips64le/n64, linux/mips64le, false",
  })
  void satisfies_imageForNode(String image, String wanted, boolean expected) {
    assertThat(Platform.parse(image).satisfies(Platform.parse(wanted))).isEqualTo(expected);
  }

  @Test
  void isUnknown_attestationEntries() {
    assertThat(Platform.parse("unknown/unknown").isUnknown()).isTrue();
    assertThat(Platform.parse("linux/amd64").isUnknown()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "linux", "linux/", "/amd64", "linux/amd64/v1/x", "li nux/amd64"})
  void parse_notAPlatform_refused(String text) {
    assertThatThrownBy(() -> Platform.parse(text)).isInstanceOf(MalformedException.class);
  }

  @Test
  void versionAndFeaturesOfTheSystem_makeAnotherPlatform() {
    Platform plain = Platform.parse("windows/amd64");
    Platform build = new Platform("windows", "amd64", null, "10.0.20348.2227");
    Platform featured = new Platform("windows", "amd64", null, null, List.of("win32k"));
    assertThat(plain).isNotEqualTo(build).isNotEqualTo(featured);
    assertThat(plain.compareTo(build)).isNotZero();
    assertThat(build.satisfies(plain)).isTrue();
    assertThat(plain.satisfies(build)).isFalse();
    assertThat(featured.satisfies(plain)).isTrue();
    assertThat(plain.satisfies(featured)).isFalse();
    assertThat(build.label()).isEqualTo("windows/amd64 (10.0.20348.2227)");
    assertThat(plain.label()).isEqualTo("windows/amd64");
  }

  @Test
  void versionOfTheSystem_isAnyText_butNoControlCharacters() {
    assertThat(new Platform("darwin", "arm64", null, "macOS 13.0").osVersion())
        .isEqualTo("macOS 13.0");
    assertThatThrownBy(() -> new Platform("darwin", "arm64", null, "13\u0007"))
        .isInstanceOf(MalformedException.class);
  }
}
