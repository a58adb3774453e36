// SPDX-License-Identifier: Apache-2.0
package io.fairlead.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What others registered is read as far as it goes; what we register obeys the rules. */
class ForeignInstanceTest {
    private final List<String> leftOut = new ArrayList<>();

    @ParameterizedTest
    @ValueSource(strings = {"orders 1", "订单-1", "http://10.0.0.7:8080", "../orders", "a//b", "é\u200d"})
    void anIdIsReadAsItIs(String id) {
        assertThat(reader().id(id).build().id()).isEqualTo(id);
        assertThat(leftOut).isEmpty();
    }

    @Test
    void anIdWithoutAPlaceInALineIsEscapedAndStaysDistinct() {
        assertThat(reader().id("a\nb").build().id()).isEqualTo("a\\u000ab");
        assertThat(reader().id("a\u2028b").build().id()).isEqualTo("a\\u2028b");
        assertThat(leftOut).hasSize(2).allMatch(note -> note.startsWith("id: 'a\\u"));
        String one = reader().id("x".repeat(9_000) + "1").build().id();
        String two = reader().id("x".repeat(9_000) + "2").build().id();
        assertThat(one).hasSizeLessThan(300).isNotEqualTo(two);
    }

    @ParameterizedTest
    @CsvSource({"shop_orders_1,shop_orders_1", "orders.local.,orders.local", "_srv.local,_srv.local", "A.B.,a.b"})
    void aHostThatCanBeReachedIsTaken(String given, String host) {
        assertThat(reader().address(given, 80).build().host()).isEqualTo(host);
        assertThat(leftOut).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a..b", "10.0.0.1/x", "a b", "256.1.1.1", ".", "a\nb", "u@h"})
    void aHostThatCanNotIsAnError(String given) {
        assertThatThrownBy(() -> reader().address(given, 80).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("host: ");
    }

    @Test
    void whatCanNotBeRepresentedIsLeftOutAndTold() {
        ServiceInstance read = reader().scheme("HTTP/1.1")
                .version("x".repeat(5_000))
                .zone("eu\r\n1a")
                .weight(0)
                .tag("good")
                .tag("line\nend")
                .tag("next\u0085line")
                .tag("turned\u202eround")
                .tag("\ud800")
                .tag("")
                .metadata("k", "v")
                .metadata("pem", "-----\n-----")
                .metadata("", "x")
                .build();
        assertThat(read.scheme()).isEqualTo("http");
        assertThat(read.version()).isNull();
        assertThat(read.zone()).isNull();
        assertThat(read.weight()).isEqualTo(1);
        assertThat(read.tags()).containsExactly("good");
        assertThat(read.metadata()).containsOnlyKeys("k");
        assertThat(leftOut).hasSize(11).allMatch(note -> note.matches("[ -~…]*(?:expected: )[ -~…]*"));
    }

    @Test
    void longAndManyWordsAreKept() {
        ServiceInstance.Builder builder =
                reader().tag("traefik.rule=" + "x".repeat(475)).version("v".repeat(300));
        for (int i = 0; i < 80; i++) {
            builder.tag("tag-" + i).metadata("ключ " + i, "v");
        }
        ServiceInstance read = builder.build();
        assertThat(read.tags()).hasSize(81);
        assertThat(read.metadata()).hasSize(80);
        assertThat(read.version()).hasSize(300);
        assertThat(leftOut).isEmpty();
        for (int i = 0; i < 2_000; i++) {
            builder.tag("more-" + i);
        }
        assertThat(builder.build().tags()).hasSize(1_000);
        assertThat(leftOut).containsExactly("tags: 2081 (expected: 0..1000)");
    }

    @Test
    void whatWasReadCanBeCopiedButNotRegistered() {
        ServiceInstance read = reader().id("orders 1").build();
        assertThat(read.withStatus(InstanceStatus.CRITICAL).id()).isEqualTo("orders 1");
        assertThat(read.toBuilder().weight(3).build().weight()).isEqualTo(3);
        assertThatThrownBy(read::requireRegistrable)
                .hasMessage("id: 'orders 1' (expected: 1 to 256 printable ASCII characters without blanks)");
        assertThatThrownBy(() -> ServiceInstance.builder("orders")
                        .id("orders 1")
                        .address("10.0.0.1", 80)
                        .build())
                .hasMessageStartingWith("id: 'orders 1'");
    }

    @Test
    void anUnderscoreInsideIsPartOfAServiceNameAndNowhereElse() {
        assertThat(ServiceSnapshot.empty("Order_Service", 0).service()).isEqualTo("order_service");
        assertThatThrownBy(() -> ServiceSnapshot.empty("_orders", 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("service: '_orders'")
                .hasMessageContaining("begin and end with a letter or digit");
        assertThatThrownBy(() -> ServiceSnapshot.empty("orders-", 0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aCheckConnectsWhereItIsTold() {
        ServiceInstance instance = reader().scheme("http").build();
        CheckEndpoint own = HealthCheck.http("/health").endpoint();
        assertThat(own.authorityOf(instance)).isEqualTo("10.0.0.1:80");
        assertThat(own.verifyTls()).isTrue();
        HealthCheck managed = HealthCheck.http("/health")
                .port(9_090)
                .at(CheckEndpoint.ofInstance()
                        .withPort(9_091)
                        .withHost("::1")
                        .withScheme("https")
                        .withServerName("orders.example")
                        .withoutTlsVerification());
        CheckEndpoint there = managed.every(Duration.ofSeconds(1)).endpoint();
        assertThat(there.authorityOf(instance)).isEqualTo("[::1]:9091");
        assertThat(there.schemeOf(instance)).isEqualTo("https");
        assertThat(there.serverNameOf(instance)).isEqualTo("orders.example");
        assertThat(there.verifyTls()).isFalse();
        assertThatThrownBy(() -> HealthCheck.tcp().port(0)).hasMessage("check port: 0 (expected: 1..65535)");
        assertThatThrownBy(() -> CheckEndpoint.ofInstance().withScheme("ftp"))
                .hasMessage("check scheme: 'ftp' (expected: 'http' or 'https')");
    }

    private ServiceInstance.Builder reader() {
        return ServiceInstance.reader("orders", leftOut::add).id("one").address("10.0.0.1", 80);
    }
}
