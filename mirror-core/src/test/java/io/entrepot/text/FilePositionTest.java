package io.entrepot.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FilePositionTest {

  @ParameterizedTest
  @CsvSource({"0, 0, a.yaml", "7, 0, a.yaml:7", "7, 3, a.yaml:7:3"})
  void position_isWrittenAsEditorsReadIt(int line, int column, String text) {
    assertThat(new FilePosition("a.yaml", line, column)).hasToString(text);
  }

  @ParameterizedTest
  @CsvSource({"-1, 0", "1, -1", "0, 1"})
  void impossiblePosition_isRefused(int line, int column) {
    assertThatThrownBy(() -> new FilePosition("a.yaml", line, column))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void order_isByFileThenLineThenColumn_asNumbers() {
    List<FilePosition> ordered =
        List.of(
            FilePosition.of("a"),
            FilePosition.of("a", 2),
            new FilePosition("a", 2, 9),
            new FilePosition("a", 2, 10),
            FilePosition.of("a", 10),
            FilePosition.of("b", 1));

    assertThat(Stream.of(5, 3, 1, 4, 0, 2).map(ordered::get).sorted()).isEqualTo(ordered);
  }

  @Test
  void sameFileUnderAnotherName_keepsLineAndColumn() {
    assertThat(new FilePosition("a", 2, 3).in("b")).isEqualTo(new FilePosition("b", 2, 3));
  }
}
