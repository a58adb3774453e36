// SPDX-License-Identifier: Apache-2.0
package io.fairlead.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fairlead.api.LocalAddress.Candidate;
import io.fairlead.spi.CidrBlock;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Which of a machine's addresses others are told to call. */
class LocalAddressTest {
    private static final List<Candidate> CONTAINER_HOST = List.of(
            at("lo", 1, true, false, "127.0.0.1"),
            at("docker0", 2, true, true, "172.17.0.1"),
            at("eth0", 3, true, false, "fe80::1"),
            at("eth0", 3, true, false, "2001:db8::7"),
            at("eth0", 3, true, false, "10.1.2.3"),
            at("eth1", 4, true, false, "192.168.7.7"),
            at("eth2", 5, false, false, "10.9.9.9"));

    @Test
    void aPhysicalIpv4AddressWithoutPreferences() {
        LocalAddress chosen = LocalAddress.finder().choose(CONTAINER_HOST);
        assertThat(chosen.host()).isEqualTo("10.1.2.3");
        assertThat(chosen.networkInterface()).isEqualTo("eth0");
        assertThat(chosen.explanation())
                .contains("127.0.0.1 of lo (loopback)", "172.17.0.1 of docker0 (ranked lower)", "10.9.9.9 of eth2")
                .contains("interface is down");
    }

    @Test
    void preferredNetworksInTheirOrder() {
        assertThat(host(LocalAddress.finder().preferNetwork("172.16.0.0/12").preferNetwork("10.0.0.0/8")))
                .isEqualTo("172.17.0.1");
        assertThat(host(LocalAddress.finder().preferNetwork("203.0.113.0/24").preferNetwork("192.168.0.0/16")))
                .isEqualTo("192.168.7.7");
        assertThat(host(LocalAddress.finder().preferNetwork("2001:db8::/32"))).isEqualTo("2001:db8:0:0:0:0:0:7");
    }

    @Test
    void interfaceAndFamily() {
        assertThat(host(LocalAddress.finder().onInterface("eth1"))).isEqualTo("192.168.7.7");
        assertThat(host(LocalAddress.finder().preferIpv6())).isEqualTo("2001:db8:0:0:0:0:0:7");
    }

    @Test
    void nothingThatFitsIsAnErrorThatListsEverything() {
        assertThatThrownBy(() -> LocalAddress.finder().onInterface("wlan0").choose(CONTAINER_HOST))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("10.1.2.3 of eth0 (not of wlan0)")
                .hasMessageContaining("expected: one, of wlan0");
        assertThatThrownBy(() -> LocalAddress.finder().preferNetwork("10.0.0.0"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'10.0.0.0'");
    }

    @Test
    void blocksContainWhatTheyShould() {
        assertThat(contains("10.0.0.0/8", "10.255.0.1")).isTrue();
        assertThat(contains("10.0.0.0/8", "11.0.0.1")).isFalse();
        assertThat(contains("192.168.7.128/25", "192.168.7.127")).isFalse();
        assertThat(contains("0.0.0.0/0", "8.8.8.8")).isTrue();
        assertThat(contains("fd00::/8", "fd12::1")).isTrue();
        assertThat(contains("fd00::/8", "10.0.0.1")).isFalse();
        assertThat(contains("169.254.0.0/16", "::ffff:169.254.169.254")).isTrue();
        assertThat(CidrBlock.addressOf("example.org")).isNull();
        assertThatThrownBy(() -> CidrBlock.parse("10.0.0.0/33")).isInstanceOf(IllegalArgumentException.class);
    }

    private static boolean contains(String block, String address) {
        return CidrBlock.parse(block).contains(Objects.requireNonNull(CidrBlock.addressOf(address)));
    }

    private static String host(LocalAddress.Finder finder) {
        return finder.choose(CONTAINER_HOST).host();
    }

    private static Candidate at(String name, int index, boolean up, boolean isVirtual, String address) {
        return new Candidate(name, index, up, isVirtual, Objects.requireNonNull(CidrBlock.addressOf(address)));
    }
}
