package io.entrepot.render;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RepositoriesTest {

  private static final String OURS = "https://git.example.org/acme/gitops";
  private static final String OTHER = "https://git.example.org/acme/other";

  @SuppressWarnings("NullAway.Init")
  @TempDir
  Path directory;

  private Repositories repositories(Set<String> remotes) {
    TestTree tree = new TestTree(directory).file("apps/a.yaml", "a: 1\n");
    return new Repositories(tree.sources(), remotes, new TreeMap<>());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://git.example.org/acme/gitops",
        "https://git.example.org/acme/gitops.git/",
        "https://robot:secret@git.example.org/acme/gitops",
        "ssh://git@git.example.org:2222/acme/gitops.git",
        "git@git.example.org:acme/gitops.git",
        "git@git.example.org:Acme/GitOps",
      })
  void addressesOfOneRepository_areTheSame(String url) {
    assertThat(Repositories.normal(url)).isEqualTo("git.example.org/acme/gitops");
  }

  @Test
  void tree_isWhatItsRemoteSays() {
    Repositories repositories = repositories(Set.of("git@git.example.org:acme/gitops.git"));
    repositories.learn(OTHER, "apps");
    repositories.learn(OURS, "none");
    assertThat(repositories.base(OURS)).isEmpty();
    assertThat(repositories.base(OTHER)).isNull();
    assertThat(repositories.isTreeKnown()).isTrue();
  }

  @Test
  void withoutARemote_theTreeIsTheRepositoryWhosePathsAreHere() {
    Repositories repositories = repositories(Set.of());
    repositories.learn(OTHER, "charts/x");
    repositories.learn(OURS, "apps");
    assertThat(repositories.base(OURS)).isEmpty();
    assertThat(repositories.base(OTHER)).isNull();
  }

  @Test
  void onlyRepositoryThereIs_isTheTree() {
    Repositories repositories = repositories(Set.of("https://fork.example.org/me/gitops"));
    repositories.learn(OURS, "none");
    assertThat(repositories.base(OURS)).isEmpty();
  }

  @Test
  void checkout_isFoundByAnyAddress() throws Exception {
    Path checkout = Files.createDirectories(directory.resolve("vendor/other"));
    Repositories repositories =
        new Repositories(
            new Sources(directory),
            Set.of(OURS),
            new TreeMap<>(Map.of("git@git.example.org:acme/other.git", checkout)));
    assertThat(repositories.base(OTHER)).isEqualTo("vendor/other");
  }
}
