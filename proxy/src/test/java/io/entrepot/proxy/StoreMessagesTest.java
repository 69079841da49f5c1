package io.entrepot.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.oci.Digest;
import io.entrepot.store.StoreException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

class StoreMessagesTest {

  private static final Digest DIGEST = Digest.of("x".getBytes(StandardCharsets.UTF_8));

  static Stream<Arguments> exchanges() {
    StoreRequest remove = new StoreRequest.Remove(List.of("a/b:v1", "a/c@" + DIGEST));
    return Stream.of(
        Arguments.of(new StoreRequest.Address(), new StoreAnswer.Address("http://localhost:1")),
        Arguments.of(
            new StoreRequest.ListImages(),
            new StoreAnswer.Images(
                List.of(new StoreAnswer.Image("docker.io/a/b", "v1", DIGEST, false)))),
        Arguments.of(new StoreRequest.MeasureUse(), new StoreAnswer.Use(1, 2, null)),
        Arguments.of(new StoreRequest.MeasureUse(), new StoreAnswer.Use(1, 2, 1L << 40)),
        Arguments.of(remove, new StoreAnswer.Removed(List.of("a/b:v1"), "a/c@" + DIGEST)),
        Arguments.of(remove, new StoreAnswer.Removed(List.of("a/b:v1"), null)),
        Arguments.of(new StoreRequest.CollectGarbage(), new StoreAnswer.Collected(1, 2)),
        Arguments.of(
            new StoreRequest.VerifyContents(), new StoreAnswer.Verified(List.of(DIGEST), 3)),
        Arguments.of(
            new StoreRequest.Mirror(JsonMapper.shared().createObjectNode().put("directory", "/a")),
            new StoreAnswer.Mirrored(JsonMapper.shared().createObjectNode().put("exit", 0))),
        Arguments.of(new StoreRequest.VerifyContents(), new StoreAnswer.Failed("why")));
  }

  @ParameterizedTest
  @MethodSource("exchanges")
  void whatIsWritten_isRead(StoreRequest request, StoreAnswer answer) {
    assertThat(StoreMessages.request(StoreMessages.json(request).toString())).isEqualTo(request);
    assertThat(StoreMessages.answer(request, StoreMessages.json(answer).toString()))
        .isEqualTo(answer);
  }

  @Test
  void requestsThatScriptsSend_areRead() {
    assertThat(StoreMessages.request("{\"command\":\"gc\",\"arguments\":[]}"))
        .isEqualTo(new StoreRequest.CollectGarbage());
    assertThat(StoreMessages.request("{\"command\":\"verify\"}"))
        .isEqualTo(new StoreRequest.VerifyContents());
    assertThat(StoreMessages.request("{\"command\":\"rm\",\"arguments\":[\"a/b\"]}"))
        .isEqualTo(new StoreRequest.Remove(List.of("a/b")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "{}",
        "{\"command\":7}",
        "{\"command\":\"format\"}",
        "{\"command\":\"ls\",\"images\":[]}",
        "{\"command\":\"ls\",\"arguments\":[\"a\"]}",
        "{\"command\":\"gc\",\"arguments\":7}",
        "{\"command\":\"rm\"}",
        "{\"command\":\"mirror\"}",
        "{\"command\":\"mirror\",\"plan\":[]}",
        "{\"command\":\"mirror\",\"plan\":{},\"arguments\":[]}",
        "{\"command\":\"rm\",\"arguments\":[1]}",
        "{\"command\":\"rm\",\"arguments\":\"a\"}",
      })
  void requestOfAnotherShape_isRefused(String line) {
    assertThatThrownBy(() -> StoreMessages.request(line))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{\"bytes\":1}",
        "{\"bytes\":\"1\",\"contents\":2}",
        "{\"bytes\":1.5,\"contents\":2}",
        "{\"bytes\":1,\"contents\":2,\"more\":3}",
      })
  void answerOfAnotherShape_isRefused(String line) {
    assertThatThrownBy(() -> StoreMessages.answer(new StoreRequest.MeasureUse(), line))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void directoryWithoutAStore_isSaid_andLeftAsItIs(@TempDir Path directory) {
    Path typo = directory.resolve("typo");

    for (Path each : List.of(typo, directory)) {
      assertThatThrownBy(() -> StoreControl.run(each, new StoreRequest.MeasureUse()))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("no store in " + each);
    }
    assertThat(typo).doesNotExist();
    assertThat(directory).isEmptyDirectory();
  }
}
