package io.entrepot.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.registry.auth.Origin;
import java.net.URI;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Relative addresses are resolved as RFC 3986 says, whatever they are made of. */
class TargetPropertyTest {

  private static final Origin ORIGIN = new Origin("https", "registry.example", 443);

  @Property
  void resolve_asTheRuleOfTheRfc(@ForAll("paths") String base, @ForAll("references") String path) {
    Target target = new Target(ORIGIN, base).resolve(path);
    assertThat(target.origin()).isEqualTo(ORIGIN);
    assertThat(target.pathAndQuery()).isEqualTo(expected(base, path));
  }

  @Property
  void resolve_leavesNoDotSegment_andKeepsTheQuery(
      @ForAll("paths") String base, @ForAll("references") String path) {
    String resolved = new Target(ORIGIN, base).resolve(path + "?a=../b").pathAndQuery();
    assertThat(resolved).endsWith("?a=../b").startsWith("/");
    assertThat(resolved.substring(0, resolved.indexOf('?')).split("/", -1))
        .doesNotContain(".", "..");
  }

  /** The algorithm of section 5.2.4 to the letter: two buffers of text. */
  private static String expected(String base, String reference) {
    String in =
        reference.startsWith("/")
            ? reference
            : base.substring(0, base.lastIndexOf('/') + 1) + reference;
    StringBuilder out = new StringBuilder();
    while (!in.isEmpty()) {
      if (in.startsWith("/./")) {
        in = in.substring(2);
      } else if (in.equals("/.")) {
        in = "/";
      } else if (in.startsWith("/../") || in.equals("/..")) {
        in = in.equals("/..") ? "/" : in.substring(3);
        out.setLength(Math.max(0, out.lastIndexOf("/")));
      } else {
        int next = in.indexOf('/', 1);
        int end = next < 0 ? in.length() : next;
        out.append(in, 0, end);
        in = in.substring(end);
      }
    }
    return out.toString();
  }

  @Property
  void absoluteAddress_ofAnotherHost_goesThere(@ForAll("paths") String path) {
    Target target = new Target(ORIGIN, "/v2/").resolve("https://cdn.example:8443" + path);
    assertThat(target.origin()).isEqualTo(Origin.of(URI.create("https://cdn.example:8443")));
    assertThat(target.pathAndQuery()).isEqualTo(expected("/", path));
  }

  private static Arbitrary<String> segments() {
    return Arbitraries.of("a", "b.c", ".", "..", "...", "%2E%2E", "", "x%2Fy", ".d")
        .list()
        .ofMinSize(1)
        .ofMaxSize(7)
        .map(list -> String.join("/", list));
  }

  @Provide
  Arbitrary<String> paths() {
    return segments().map(path -> "/" + path).filter(path -> !path.startsWith("//"));
  }

  @Provide
  Arbitrary<String> references() {
    return Combinators.combine(Arbitraries.of("", "/"), segments())
        .as(String::concat)
        .filter(text -> !text.isEmpty() && !text.startsWith("//"));
  }
}
