// SPDX-License-Identifier: Apache-2.0
package io.fairlead.okhttp;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;

/** What a caller is told of an instance that is not there. */
class UnreachableTest {
    @Test
    void theFailureNamesTheInstanceAndItsAddressAndKeepsItsType() throws Exception {
        int port;
        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = closed.getLocalPort();
        }
        World world = new World("round_robin");
        try {
            world.add("gone", port);
            world.awaitInstances(1);
            assertThatThrownBy(() -> world.get("http://orders/"))
                    .isExactlyInstanceOf(ConnectException.class)
                    .hasMessageContaining("orders")
                    .hasMessageEndingWith(" (gone at 127.0.0.1:" + port + ")");
            world.assertNothingInFlight();
        } finally {
            world.close();
        }
    }
}
