package io.entrepot.render;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SubstitutionTest {

  private static final TreeMap<String, String> VALUES =
      new TreeMap<>(Map.of("tag", "1.2", "name", "Shop", "empty", ""));

  private static final Substitution COMPLETE = new Substitution(VALUES, true);
  private static final Substitution PARTIAL = new Substitution(VALUES, false);

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "a:${tag};a:1.2",
        "${name}/${tag};Shop/1.2",
        "${none:=7};7",
        "${none:-7};7",
        "${none=7};7",
        "${empty:=7};7",
        "x${empty=7};x",
        "${none:=${tag}};1.2",
        "${name^^}${name,,};SHOPshop",
        "${name,}${name^};shopShop",
        "${tag:2};2",
        "${name:1:2};ho",
        "$${tag};${tag}",
        "$$${tag};$${tag}",
        "$tag;$tag",
        "${tag;${tag",
        "${{ tag }};${{ tag }}",
      })
  void variables_areFilledInAsFluxDoes(String text, String filled) {
    assertThat(COMPLETE.in(text)).isEqualTo(filled);
    assertThat(PARTIAL.in(text)).isEqualTo(filled);
  }

  @Test
  void variableWithoutValue_isNothing_unlessTheClusterMayGiveOne() {
    assertThat(COMPLETE.in("a:${none}")).isEqualTo("a:");
    assertThat(PARTIAL.in("a:${none}")).isEqualTo("a:${none}");
  }

  @Test
  void objectThatForbidsIt_staysAsItIs() {
    String object =
        "metadata:\n  annotations:\n    kustomize.toolkit.fluxcd.io/substitute: disabled\nimage: a:${tag}\n";
    assertThat(COMPLETE.in(object)).isEqualTo(object);
  }

  @Test
  void withoutASingleVariable_everythingStays() {
    assertThat(Substitution.NONE.in("a:${tag:=1} $${x}")).isEqualTo("a:${tag:=1} $${x}");
  }
}
