// SPDX-License-Identifier: Apache-2.0
package io.fairlead.okhttp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.api.HealthCheck;
import io.fairlead.api.Registration;
import io.fairlead.api.Registry;
import io.fairlead.api.ServiceInstance;
import io.fairlead.api.ServiceSnapshot;
import io.fairlead.api.SnapshotListener;
import io.fairlead.api.Subscription;
import io.fairlead.balancer.AddressPolicy;
import io.fairlead.balancer.Fairlead;
import io.fairlead.testkit.VirtualTime;
import java.net.ConnectException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import org.junit.jupiter.api.Test;

/** A deadline counts from the first line of {@code intercept}, whatever took its time before an attempt. */
class TimeLeftTest {
    private static final Duration DEADLINE = Duration.ofSeconds(30);
    private final VirtualTime time = new VirtualTime();
    private final List<Integer> reads = new ArrayList<>();
    private final List<Integer> connects = new ArrayList<>();

    @Test
    void whatTheFirstListTookIsTakenFromEveryConnectAndReadAfterIt() {
        Thread caller = Thread.currentThread();
        Registry late = new LateRegistry(answer -> new Thread(() -> {
                    while (caller.getState() != Thread.State.TIMED_WAITING) {
                        Thread.onSpinWait();
                    }
                    time.advance(Duration.ofSeconds(21));
                    answer.run();
                })
                .start());
        try (Fairlead fairlead = Fairlead.builder(late)
                .environment(time.environment())
                .firstListTimeout(Duration.ofSeconds(28))
                .addressPolicy(AddressPolicy.defaults().allowLoopback())
                .build()) {
            call(fairlead, "orders", 1);
        }
        assertThat(reads).containsExactly(9_000, 8_000, 7_000);
        assertThat(connects).isEqualTo(reads);
    }

    @Test
    void whatTheUsersOwnPredicateTookIsTakenToo() {
        try (Fairlead fairlead = Fairlead.builder(new LateRegistry(Runnable::run))
                .environment(time.environment())
                .firstListTimeout(Duration.ofSeconds(28))
                .addressPolicy(AddressPolicy.defaults().allowLoopback())
                .services(host -> {
                    time.advance(Duration.ofSeconds(5));
                    return true;
                })
                .build()) {
            call(fairlead, "orders.internal", 0);
        }
        assertThat(reads.get(0)).isLessThanOrEqualTo(25_000);
    }

    @Test
    void whatIsLeftIsRoundedUpAndForEverIsFarAway() {
        Set<Integer> millis = new TreeSet<>();
        for (long nanos : new long[] {Long.MIN_VALUE, -1, 0, 1, 999_999, 1_000_000}) {
            millis.add(cut(nanos));
        }
        assertThat(millis).containsExactly(1);
        assertThat(cut(1_000_001)).isEqualTo(2);
        assertThat(cut(1_999_999)).isEqualTo(2);
        for (long nanos : new long[] {Long.MAX_VALUE, Long.MAX_VALUE - 1, Long.MAX_VALUE - 999_999}) {
            assertThat(cut(nanos)).isEqualTo(60_000);
        }
    }

    private static int cut(long leftNanos) {
        AtomicInteger millis = new AtomicInteger();
        OkHttpClient client = new OkHttpClient.Builder()
                .connectTimeout(Duration.ofMinutes(1))
                .addInterceptor(chain -> {
                    millis.set(TimeLeft.cut(chain, leftNanos).connectTimeoutMillis());
                    throw new ConnectException("enough");
                })
                .build();
        Request request = new Request.Builder().url("http://orders/").build();
        assertThatThrownBy(() -> client.newCall(request).execute()).isInstanceOf(ConnectException.class);
        return millis.get();
    }

    private void call(Fairlead fairlead, String host, int secondsAnAttempt) {
        OkHttpClient client = new OkHttpClient.Builder()
                .connectTimeout(Duration.ofMinutes(1))
                .readTimeout(Duration.ofMinutes(1))
                .addInterceptor(DiscoveryInterceptor.of(fairlead))
                .addInterceptor(chain -> {
                    reads.add(chain.readTimeoutMillis());
                    connects.add(chain.connectTimeoutMillis());
                    time.advance(Duration.ofSeconds(secondsAnAttempt));
                    return chain.proceed(chain.request());
                })
                .build();
        Request request = new Request.Builder()
                .url("http://" + host + "/")
                .tag(CallHints.class, CallHints.idempotent(true).within(DEADLINE))
                .build();
        assertThatThrownBy(() -> client.newCall(request).execute()).isInstanceOf(ConnectException.class);
    }

    /** Answers a watch with three instances, when the test has it answer. */
    private record LateRegistry(Consumer<Runnable> when) implements Registry {
        @Override
        public Subscription watch(String service, SnapshotListener listener) {
            List<ServiceInstance> three =
                    Stream.of("a", "b", "c").map(id -> instance(service, id)).toList();
            when.accept(() -> listener.onSnapshot(new ServiceSnapshot(service, 1, three)));
            return () -> {};
        }

        private static ServiceInstance instance(String service, String id) {
            return ServiceInstance.builder(service)
                    .id(id)
                    .address("127.0.0.1", 1)
                    .build();
        }

        @Override
        public String description() {
            return "late";
        }

        @Override
        public ServiceSnapshot list(String service) {
            throw new UnsupportedOperationException();
        }

        @Override
        public Set<String> services() {
            return Set.of();
        }

        @Override
        public Registration register(ServiceInstance instance, HealthCheck check) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {}
    }
}
