package io.entrepot.proxy.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.oci.Digest;
import io.entrepot.oci.Tag;
import io.entrepot.proxy.route.DistributionPath.BadPathException;
import io.entrepot.registry.ErrorCode;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.UUID;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DistributionPathTest {

  private static final Digest DIGEST = Digest.of("x".getBytes(StandardCharsets.UTF_8));

  private static DistributionPath parsed(String path) {
    return DistributionPath.parse(path).orElseThrow();
  }

  @Test
  void endpointsOfTheSpecification_areRead() {
    UUID id = UUID.randomUUID();
    assertThat(parsed("/v2/")).isEqualTo(new DistributionPath.Base());
    assertThat(parsed("/v2")).isEqualTo(new DistributionPath.Base());
    assertThat(parsed("/v2/_catalog")).isEqualTo(new DistributionPath.Catalog());
    assertThat(parsed("/v2/a/b/tags/list")).isEqualTo(new DistributionPath.Tags("a/b"));
    assertThat(parsed("/v2/a/manifests/v1"))
        .isEqualTo(new DistributionPath.Manifest("a", new Tag("v1"), null));
    assertThat(parsed("/v2/a/manifests/" + DIGEST))
        .isEqualTo(new DistributionPath.Manifest("a", null, DIGEST));
    assertThat(parsed("/v2/a/blobs/" + DIGEST)).isEqualTo(new DistributionPath.Blob("a", DIGEST));
    assertThat(parsed("/v2/a/blobs/uploads/")).isEqualTo(new DistributionPath.Uploads("a"));
    assertThat(parsed("/v2/a/blobs/uploads")).isEqualTo(new DistributionPath.Uploads("a"));
    assertThat(parsed("/v2/a/blobs/uploads/" + id)).isEqualTo(new DistributionPath.Upload("a", id));
    assertThat(parsed("/v2/a/referrers/" + DIGEST))
        .isEqualTo(new DistributionPath.Referrers("a", DIGEST));
  }

  @ParameterizedTest
  @CsvSource({
    "/v2/blobs/manifests/v1, blobs",
    "/v2/a/blobs/uploads/manifests/v1, a/blobs/uploads",
    "/v2/manifests/tags/list, manifests",
    "/v2/a/referrers/tags/list, a/referrers",
  })
  void partsThatAreNamedLikeEndpoints_belongToTheName(String path, String name) {
    assertThat(parsed(path))
        .isInstanceOfSatisfying(
            DistributionPath.InRepository.class, it -> assertThat(it.name()).isEqualTo(name));
  }

  @Test
  void colonOfADigest_mayBeEncoded() {
    String encoded = DIGEST.toString().replace(":", "%3A");
    assertThat(parsed("/v2/a/blobs/" + encoded)).isEqualTo(new DistributionPath.Blob("a", DIGEST));
    assertThat(parsed("/v2/a/manifests/" + encoded.replace("%3A", "%3a")))
        .isEqualTo(new DistributionPath.Manifest("a", null, DIGEST));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1/",
        "/",
        "",
        "/v2x/a/tags/list",
        "/v2/a",
        "/v2/a/b",
        "/v2/tags/list",
        "/v2/a/tags/all",
        "/v2/a/uploads/x",
        "/v2//",
        "/v2/list"
      })
  void whatTheSpecificationDoesNotHave_isNoAddress(String path) {
    assertThat(DistributionPath.parse(path)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "/v2/A/tags/list, NAME_INVALID",
    "/v2/a//b/tags/list, NAME_INVALID",
    "/v2/a/../b/manifests/1, NAME_INVALID",
    "/v2/a%2Fb/tags/list, NAME_INVALID",
    "/v2/a//b, NAME_INVALID",
    "/v2/a/manifests/-x, TAG_INVALID",
    "/v2/a/manifests/, TAG_INVALID",
    "/v2/a/manifests/sha256:12, DIGEST_INVALID",
    "/v2/a/blobs/latest, DIGEST_INVALID",
    "/v2/a/referrers/latest, DIGEST_INVALID",
    "/v2/a/blobs/uploads/1, BLOB_UPLOAD_UNKNOWN",
    "/v2/a/blobs/uploads/0-0-0-0-0, BLOB_UPLOAD_UNKNOWN",
  })
  void partThatBreaksItsGrammar_isNamedByItsCode(String path, ErrorCode code) {
    assertThatThrownBy(() -> DistributionPath.parse(path))
        .isInstanceOfSatisfying(
            BadPathException.class, bad -> assertThat(bad.code()).isEqualTo(code));
  }

  @Property
  void anyText_isAnAddressOrNone_andNeverAnotherFailure(@ForAll String text) {
    for (String path : new String[] {text, "/v2/" + text, "/v2/a/" + text, "/v2/" + text + "/x"}) {
      try {
        assertThat(DistributionPath.parse(path)).isNotNull();
      } catch (BadPathException refused) {
        assertThat(refused.code()).isNotNull();
      }
    }
  }

  @Property
  void nameWithATag_isReadAsItWasWritten(@ForAll("names") String name, @ForAll("tags") String tag) {
    String path = "/v2/" + name + "/manifests/" + tag;
    assertThat(DistributionPath.parse(path))
        .isEqualTo(Optional.of(new DistributionPath.Manifest(name, new Tag(tag), null)));
    assertThat(DistributionPath.parse("/v2/" + name + "/blobs/" + DIGEST))
        .isEqualTo(Optional.of(new DistributionPath.Blob(name, DIGEST)));
  }

  @Provide
  Arbitrary<String> names() {
    Arbitrary<String> word =
        Arbitraries.strings().withCharRange('a', 'z').numeric().ofMinLength(1).ofMaxLength(8);
    Arbitrary<String> part =
        Arbitraries.oneOf(
            word,
            Arbitraries.of("blobs", "manifests", "tags", "list", "uploads", "referrers"),
            Combinators.combine(word, Arbitraries.of(".", "_", "__", "-", "--"), word)
                .as((first, between, second) -> first + between + second));
    return part.list().ofMinSize(1).ofMaxSize(5).map(parts -> String.join("/", parts));
  }

  @Provide
  Arbitrary<String> tags() {
    return Arbitraries.strings()
        .alpha()
        .numeric()
        .withChars("_.-")
        .ofMinLength(1)
        .ofMaxLength(128)
        .filter(text -> text.charAt(0) != '.' && text.charAt(0) != '-');
  }
}
