package io.entrepot.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.Digest;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class DigestSetTest {

  /** Few different ones, many that begin or end alike, and both algorithms. */
  @Provide
  Arbitrary<Digest> digests() {
    Arbitrary<String> part =
        Arbitraries.oneOf(
            Arbitraries.of("0000000000000000", "ffffffffffffffff", "00000000000000ff"),
            Arbitraries.strings().withChars("0123456789abcdef").ofLength(16));
    Arbitrary<String> hex = part.list().ofSize(4).map(parts -> String.join("", parts));
    return Arbitraries.oneOf(
        hex.map(each -> new Digest(Digest.Algorithm.SHA256, each)),
        hex.map(each -> new Digest(Digest.Algorithm.SHA512, each + each)));
  }

  @Property
  void set_holdsWhatWasAdded_andNothingElse(
      @ForAll("many") List<Digest> added, @ForAll("many") List<Digest> asked) {
    DigestSet set = new DigestSet();
    Set<Digest> model = new HashSet<>();
    for (Digest each : added) {
      set.add(each);
      model.add(each);
    }
    assertThat(added).allMatch(set::contains);
    for (Digest each : asked) {
      assertThat(set.contains(each)).isEqualTo(model.contains(each));
    }
  }

  @Provide
  Arbitrary<List<Digest>> many() {
    return digests().list().ofMaxSize(300);
  }

  @Property(tries = 5)
  void thousandsOfOneFirstByte_areAllFound(@ForAll("bytes") byte first) {
    DigestSet set = new DigestSet();
    for (int i = 0; i < 5_000; i++) {
      set.add(numbered(first, i));
    }
    for (int i = 0; i < 10_000; i++) {
      assertThat(set.contains(numbered(first, i))).isEqualTo(i < 5_000);
    }
  }

  @Provide
  Arbitrary<Byte> bytes() {
    return Arbitraries.bytes();
  }

  private static Digest numbered(byte first, int number) {
    return new Digest(
        Digest.Algorithm.SHA256,
        "%02x".formatted(first) + Digest.of(Stored.bytes("" + number)).hex().substring(2));
  }
}
