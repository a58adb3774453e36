// SPDX-License-Identifier: Apache-2.0
package io.fairlead.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import io.etcd.jetcd.ByteSequence;
import org.junit.jupiter.api.Test;

/** Keys that others wrote under the namespace. */
class KeyLayoutTest {
    private final KeyLayout layout = new KeyLayout("services");

    @Test
    void aKeyBelongsOnlyToAServiceThatAWatchWouldFindItUnder() {
        assertThat(layout.serviceOf(key("orders/1"))).contains("orders");
        assertThat(layout.serviceOf(key("order_service/a%2Fb"))).contains("order_service");
        for (String foreign : new String[] {
            "orders", "/1", "a b/1", "Orders/1", "or\nders/1", "or\u202eders/1", "-x/1", "x".repeat(300) + "/1", "\0/1"
        }) {
            assertThat(layout.serviceOf(key(foreign))).as(foreign).isEmpty();
        }
    }

    private static ByteSequence key(String rest) {
        return KeyLayout.bytes("services/" + rest);
    }
}
