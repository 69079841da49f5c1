package io.entrepot.sites;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Paths of nodes and what they say. */
final class SitePathTest {

  private static final SitePath ROOT = SitePath.root("Deployment/shop/web:");

  @Test
  void keysAndItems_areShownByNumber_andIdentifiedByName() {
    SitePath path = ROOT.key("spec").key("containers").item(1, "app").key("image");
    assertThat(path.text()).isEqualTo("spec.containers[1].image");
    assertThat(path.identity()).isEqualTo("Deployment/shop/web:.spec.containers[app].image");
  }

  @Test
  void keysWithDots_areQuoted() {
    assertThat(ROOT.key("data").key("app.yaml").text()).isEqualTo("data.\"app.yaml\"");
    assertThat(ROOT.key("").text()).isEqualTo("\"\"");
  }

  @Test
  void documentsOfABlock_areNumberedFromTheSecond() {
    SitePath block = ROOT.key("data").key("x");
    assertThat(block.inside(0).key("image").text()).isEqualTo("data.x|.image");
    assertThat(block.inside(1).key("image").text()).isEqualTo("data.x|1.image");
  }

  @Test
  void parts_beginAtTheBlock() {
    SitePath path = ROOT.key("data").inside(0).key("images").item(0, "").key("name");
    assertThat(path.parts()).containsExactly("images", SitePath.ITEM, "name");
  }

  @Test
  void longKeysAndPaths_areCutAndStayDifferent() {
    SitePath one = ROOT;
    SitePath other = ROOT;
    for (int i = 0; i < 20; i++) {
      one = one.key("a".repeat(300) + "1");
      other = other.key("a".repeat(300) + "2");
    }
    assertThat(one.text()).hasSizeLessThan(2_000).isNotEqualTo(other.text());
  }

  @Test
  void ends_areKeysOnly() {
    SitePath path = ROOT.key("spec").key("images").item(0, "images");
    assertThat(path.endsWith("images")).isFalse();
    assertThat(path.outer().endsWith("spec", "images")).isTrue();
    assertThat(path.outer().isAt(ROOT, "spec", "images")).isTrue();
    assertThat(path.outer().isAt(ROOT, "images")).isFalse();
    assertThat(path.startsWith("spec")).isTrue();
    assertThat(ROOT.outer()).isSameAs(ROOT);
  }
}
