package io.entrepot.proxy.handler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.entrepot.proxy.login.PullRate;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class AnonymousPullsTest {

  private final AtomicLong now = new AtomicLong(5);
  private final AtomicLong refused = new AtomicLong();
  private final AnonymousPulls pulls =
      new AnonymousPulls(new PullRate(2, Duration.ofHours(1)), refused::incrementAndGet, now::get);

  private void spend(String address) {
    pulls.count(address);
    pulls.count(address);
  }

  @Test
  void share_isOfEachAddress_andComesBackWhenTheWindowEnds() {
    spend("192.0.2.1");
    now.addAndGet(Duration.ofMinutes(20).toNanos());
    ApiException refused = catchThrowableOfType(ApiException.class, () -> pulls.count("192.0.2.1"));
    assertThat(refused.status()).isEqualTo(429);
    assertThat(refused.headers()).contains(new Header("Retry-After", "2400"));
    pulls.count("192.0.2.2");
    now.addAndGet(Duration.ofMinutes(41).toNanos());
    spend("192.0.2.1");
  }

  @Test
  void addressesOfOneNetworkOfIpv6_areOneMachine() {
    spend("2001:db8:1:2::1");
    assertThatThrownBy(() -> pulls.count("2001:db8:1:2:ffff::9")).isInstanceOf(ApiException.class);
    pulls.count("2001:db8:1:3::1");
    assertThat(refused).hasValue(1);
  }
}
