package io.entrepot.gate.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sizes as Kubernetes writes them. */
final class QuantityTest {

  @ParameterizedTest
  @CsvSource({
    "1Gi, 1073741824",
    "1.5Gi, 1610612736",
    "500M, 500000000",
    "1e3, 1000",
    "128974848, 128974848",
    "100m, 0.1"
  })
  void quantity_isItsNumber(String text, String number) {
    assertThat(Quantity.parse(text).orElseThrow()).isEqualByComparingTo(new BigDecimal(number));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Gi", "-1Gi", "1 Gi", "1GB", "${SIZE}"})
  void whatIsNoQuantity_hasNoNumber(String text) {
    assertThat(Quantity.parse(text)).isEmpty();
  }
}
