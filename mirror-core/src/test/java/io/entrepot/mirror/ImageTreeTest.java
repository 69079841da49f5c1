package io.entrepot.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.oci.Descriptor;
import io.entrepot.registry.RegistryException;
import org.junit.jupiter.api.Test;

class ImageTreeTest extends MirrorSetup {

  private final MirrorSession session = session(MirrorOptions.DEFAULTS);

  private ImageTree tree(boolean askTarget) {
    PullAllotment pulls = new PullAllotment(session.budget(), source.name(), 0);
    return new ImageTree(
        session,
        source.reference("acme/tool", "1.0"),
        source.repository("acme/tool"),
        target.repository("mirror/tool"),
        askTarget,
        pulls,
        new ManifestSpace(session.space()));
  }

  @Test
  void list_isReadWithItsChildren_whichComeFirst() {
    Descriptor amd64 = images.image("linux/amd64", images.layer("a"));
    Descriptor arm64 = images.image("linux/arm64", images.layer("b"));
    Descriptor list = images.index("1.0", amd64, arm64);
    ImageTree tree = tree(false);
    tree.read(list);
    assertThat(tree.root().raw().digest()).isEqualTo(list.digest());
    assertThat(tree.childrenFirst())
        .extracting(node -> node.raw().digest())
        .containsExactly(amd64.digest(), arm64.digest(), list.digest());
    assertThat(tree.blobs(false)).hasSize(4);
    assertThat(target.requests()).isEmpty();
  }

  @Test
  void whatTheTargetHolds_isNotReadAtTheSource_andItsBlobsAreNotLookedFor() {
    Descriptor list = images.twoPlatforms("1.0");
    run(copy("1.0", PLAIN));
    clear();
    ImageTree tree = tree(true);
    tree.read(list);
    assertThat(tree.nodes().values()).allMatch(ImageTree.Node::atTarget);
    assertThat(source.requests()).isEmpty();
    assertThat(tree.blobs(false)).isEmpty();
    assertThat(tree.blobs(true)).hasSize(7);
  }

  @Test
  void reading_goesOnWhereItEnded_andAsksTheTargetOnce() {
    source.rateLimit(100, 50);
    Descriptor list = images.twoPlatforms("1.0");
    session.source().find(source.reference("acme/tool", "1.0")).await();
    ImageTree tree = tree(true);
    assertThat(tree.readWithoutPulls(list)).isFalse();
    assertThat(source.count("GET manifest")).isZero();
    tree.read(list);
    assertThat(source.count("GET manifest")).isEqualTo(3);
    assertThat(target.count("GET manifest", list.digest().toString())).isEqualTo(1);
  }

  @Test
  void missingChild_isToldAndTheRestIsRead() {
    Descriptor amd64 = images.image("linux/amd64", images.layer("a"));
    Descriptor arm64 = images.image("linux/arm64", images.layer("b"));
    Descriptor list = images.index("1.0", amd64, arm64);
    source.removeManifest("acme/tool", arm64.digest());
    ImageTree tree = tree(false);
    tree.read(list);
    assertThat(tree.absent()).containsOnlyKeys(arm64.digest());
    assertThatThrownBy(() -> tree.manifest(arm64)).isInstanceOf(RegistryException.class);
  }

  @Test
  void listsWithinLists_tooDeep_areRefused() {
    Descriptor list = images.index("0", images.image("linux/amd64", images.layer("a")));
    for (int depth = 1; depth < 6; depth++) {
      list = images.index(String.valueOf(depth), list);
    }
    Descriptor deepest = list;
    assertThatThrownBy(() -> tree(false).read(deepest))
        .isInstanceOf(RegistryException.class)
        .hasMessageContaining("more than 4 deep");
  }
}
