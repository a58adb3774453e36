// SPDX-License-Identifier: Apache-2.0
package io.fairlead.spi.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Which addresses belong to a network. */
class CidrBlockTest {
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
}
