// SPDX-License-Identifier: Apache-2.0
package io.fairlead.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ValuesTest {
    @Test
    void anInstanceNeedsAnAddressAndHasDefaultsForTheRest() {
        ServiceInstance orders =
                ServiceInstance.builder("Orders").address("10.0.0.7", 8080).build();
        assertThat(orders.service()).isEqualTo("orders");
        assertThat(orders.id()).isEqualTo("Orders-10.0.0.7-8080");
        assertThat(orders.weight()).isEqualTo(1);
        assertThat(orders.scheme()).isEqualTo("http");
        assertThat(orders.status()).isEqualTo(InstanceStatus.PASSING);
        assertThat(orders.zone()).isNull();
        assertThatThrownBy(() -> ServiceInstance.builder("orders").build())
                .hasMessage("address of 'orders': missing (expected: address(host, port) on the builder)");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "10.0.0.1|10.0.0.1:80",
                "[2001:db8::7]|[2001:db8::7]:80",
                "::1|[::1]:80",
                "Host-1.example|host-1.example:80"
            })
    void goodHostsAreTaken(String host, String authority) {
        assertThat(instance(host, 80).authority()).isEqualTo(authority);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", "u:p@evil.test", "10.0.0.1/admin?x=", "10.0.0.9\r\nX: 1", "127.1", "2130706433", "a..b", "-a",
                "256.1.1.1", "１２７.0.0.1", "x#", "\\@", ":::", "1::2::3", "[::1", "a_b"
            })
    void badHostsAreRefused(String host) {
        assertThatThrownBy(() -> instance(host, 80))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("host: ")
                .message()
                .matches("[ -~…]*");
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 65_536, 70_000})
    void badPortsAreRefused(int port) {
        assertThatThrownBy(() -> instance("10.0.0.1", port)).hasMessage("port: " + port + " (expected: 1..65535)");
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 65_536})
    void badWeightsAreRefused(int weight) {
        assertThatThrownBy(() ->
                        instance("10.0.0.1", 80).toBuilder().weight(weight).build())
                .hasMessage("weight: " + weight + " (expected: 1..65535)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "_orders", "orders_", "a/b", "a b", "-orders", "orders-", "ö"})
    void badServiceNamesAreRefused(String service) {
        assertThatThrownBy(() ->
                        ServiceInstance.builder(service).address("10.0.0.1", 80).build())
                .hasMessageStartingWith("service: ");
    }

    @Test
    void aCopyThroughTheBuilderIsTheSame() {
        ServiceInstance rich = instance("10.0.0.1", 80).toBuilder()
                .weight(7)
                .zone("z")
                .version("1")
                .tag("a")
                .metadata("k", "v")
                .status(InstanceStatus.WARNING)
                .build();
        assertThat(rich.toBuilder().build()).isEqualTo(rich);
        assertThat(rich.isSameCopyAs(rich.withStatus(InstanceStatus.PASSING))).isTrue();
        assertThat(rich.isSameCopyAs(instance("10.0.0.1", 81))).isFalse();
    }

    @Test
    void collectionsAreCopied() {
        ServiceInstance.Builder builder =
                ServiceInstance.builder("orders").address("10.0.0.1", 80).tag("a");
        ServiceInstance built = builder.build();
        builder.tag("b");
        assertThat(built.tags()).containsExactly("a");
        assertThatThrownBy(() -> built.tags().add("c")).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void aSnapshotSortsAndRefusesDoubleIdsAndStrangers() {
        ServiceInstance a = instance("10.0.0.1", 80).toBuilder().id("a").build();
        ServiceInstance b = instance("10.0.0.2", 80).toBuilder().id("b").build();
        assertThat(new ServiceSnapshot("orders", 1, List.of(b, a)).instances()).containsExactly(a, b);
        assertThatThrownBy(() -> new ServiceSnapshot("orders", 1, List.of(a, a)))
                .hasMessage("id: 'a' twice in 'orders' (expected: unique ids)");
        assertThatThrownBy(() -> new ServiceSnapshot("users", 1, List.of(a)))
                .hasMessage("instance of 'orders' in a snapshot of 'users' (expected: instances of that service only)");
    }

    @Test
    void healthChecksValidateEverything() {
        assertThat(HealthCheck.http("/health").interval()).isEqualTo(Duration.ofSeconds(10));
        assertThat(HealthCheck.ttl().interval()).isEqualTo(Duration.ofSeconds(15));
        assertThatThrownBy(() -> HealthCheck.http("health"))
                .hasMessage("HTTP check target: 'health' (expected: a path, as in '/health')");
        assertThatThrownBy(() -> HealthCheck.tcp().every(Duration.ZERO))
                .hasMessage("interval: PT0S (expected: PT0.1S..PT24H)");
        assertThatThrownBy(() -> HealthCheck.tcp().failuresBeforeCritical(0))
                .hasMessage("failuresBeforeCritical: 0 (expected: 1..100)");
    }

    @Test
    void randomRegistryDataIsTakenOrRefusedButNeverBreaksAnything() {
        SplittableRandom random = new SplittableRandom(4_711);
        for (int i = 0; i < 100_000; i++) {
            String host = text(random);
            String id = text(random);
            String tag = text(random);
            int port = random.nextInt(-10, 70_000);
            assertThatCode(() -> {
                        try {
                            ServiceInstance taken = ServiceInstance.builder("orders")
                                    .id(id)
                                    .address(host, port)
                                    .tag(tag)
                                    .build();
                            assertThat(taken.toString()).matches("\\P{Cc}*");
                        } catch (IllegalArgumentException refused) {
                            assertThat(refused.getMessage()).matches("\\P{Cc}*").hasSizeLessThan(400);
                        }
                    })
                    .doesNotThrowAnyException();
        }
    }

    private static String text(SplittableRandom random) {
        StringBuilder text = new StringBuilder();
        int length = random.nextInt(0, random.nextInt(20) == 0 ? 400 : 12);
        for (int i = 0; i < length; i++) {
            text.append(random.nextInt(3) == 0 ? (char) random.nextInt(0, 300) : (char) random.nextInt('.', 'z'));
        }
        return text.toString();
    }

    private static ServiceInstance instance(String host, int port) {
        return ServiceInstance.builder("orders").id("o1").address(host, port).build();
    }
}
